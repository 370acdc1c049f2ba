// Package login makes what logs users in and keeps them. It is apart from
// package boot because Cognito's client is of no use to the other functions.
package login

import (
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Directory is the user pool.
func Directory(d *boot.Deps) *cognito.Directory {
	c := d.Config()
	return cognito.New(idp.NewFromConfig(d.AWS("cognito-idp", c.Endpoint)), c.UserPool, c.UserPoolClient)
}

// Gate is where users log in.
func Gate(d *boot.Deps) *identity.Gate {
	users := Directory(d)
	return &identity.Gate{
		Users: users, Attempts: d.Store(), Sessions: d.Auth(), Now: d.Now,
		Devices: &identity.Devices{Key: users.DeviceKey, Now: d.Now},
	}
}

// Members adds and removes members.
func Members(d *boot.Deps) *identity.Members {
	return &identity.Members{Directory: Directory(d), Store: d.Store(), Now: d.Now}
}
