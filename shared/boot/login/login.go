// Package login returns the dependencies for logging users in and managing them. It is
// separate from package boot, because the other functions do not need Cognito's client.
package login

import (
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Directory returns the user pool.
func Directory(d *boot.Deps) *cognito.Directory {
	c := d.Config()
	return cognito.New(idp.NewFromConfig(d.AWS("cognito-idp", c.Endpoint)), c.UserPool, c.UserPoolClient)
}

// Gate returns the gate through which users log in.
func Gate(d *boot.Deps) *identity.Gate {
	users := Directory(d)
	return &identity.Gate{
		Users: users, Attempts: d.Store(), Sessions: d.Auth(), Now: d.Now,
		Devices: &identity.Devices{Key: users.DeviceKey, Now: d.Now},
	}
}

// Members returns the manager of orgs' members.
func Members(d *boot.Deps) *identity.Members {
	return &identity.Members{Directory: Directory(d), Store: d.Store(), Now: d.Now}
}
