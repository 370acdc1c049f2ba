// Package cognitotest opens a real user pool for tests, on MiniStack, with the
// template's settings.
package cognitotest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/cognito"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// Pool is a user pool and its client.
type Pool struct {
	*cognito.Directory

	ID     string
	Client string
	API    *idp.Client
}

// Password is every test user's.
const Password = "Correct horse, battery 1"

var pools, users atomic.Int64

// Open makes a pool and removes it after the test.
func Open(t testing.TB) Pool {
	t.Helper()
	template, err := sam.Load(filepath.Join(dynamotest.Root(), "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Pool{API: client(dynamotest.Endpoint())}
	create := template.UserPools()[0].Create
	create.PoolName = aws.String(fmt.Sprintf("test-%d-%d", os.Getpid(), pools.Add(1)))
	pool, err := p.API.CreateUserPool(context.Background(), create)
	if err != nil {
		t.Fatalf("create the user pool: %v", err)
	}
	p.ID = *pool.UserPool.Id
	t.Cleanup(func() {
		_, _ = p.API.DeleteUserPool(context.Background(), &idp.DeleteUserPoolInput{UserPoolId: &p.ID})
	})
	createClient := template.UserPoolClients()[0].Create
	createClient.UserPoolId = &p.ID
	made, err := p.API.CreateUserPoolClient(context.Background(), createClient)
	if err != nil {
		t.Fatalf("create the user pool's client: %v", err)
	}
	p.Client = *made.UserPoolClient.ClientId
	p.Directory = cognito.New(p.API, p.ID, p.Client)
	return p
}

func client(endpoint string) *idp.Client {
	return idp.New(idp.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: awshttp.PlainBodies(http.DefaultClient),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// User makes a user who is a member of an org and logs in with Password.
func (p Pool) User(t testing.TB, table dynamotest.Table, orgID string, role identity.Role) identity.User {
	t.Helper()
	ctx := context.Background()
	email := fmt.Sprintf("user-%d-%d@example.com", os.Getpid(), users.Add(1))
	id, err := p.CreateUser(ctx, email)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SetPassword(ctx, email, Password, true); err != nil {
		t.Fatal(err)
	}
	u := identity.User{ID: id, OrgID: orgID, Email: email, Role: role, CreatedAt: table.Now()}
	if err := table.Store.CreateUser(ctx, nil, u); err != nil {
		t.Fatal(err)
	}
	return u
}

// Session logs a user in and returns the session token.
func (p Pool) Session(t testing.TB, u identity.User) string {
	t.Helper()
	token, err := p.SignIn(context.Background(), u.Email, Password, "")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ExpiredSession returns a session token of a user that has expired. Nobody
// else may log in meanwhile.
func (p Pool) ExpiredSession(t testing.TB, u identity.User) string {
	t.Helper()
	live := func(validity int32, unit types.TimeUnitsType) {
		t.Helper()
		_, err := p.API.UpdateUserPoolClient(context.Background(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &p.ID, ClientId: &p.Client, IdTokenValidity: &validity,
			TokenValidityUnits: &types.TokenValidityUnitsType{IdToken: unit},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	live(-60, types.TimeUnitsTypeSeconds)
	defer live(24, types.TimeUnitsTypeHours)
	return p.Session(t, u)
}
