package boot

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/session"
)

// Deps makes the dependencies that most functions have, each when it is first
// asked for. What few have lies in packages below, so that the others do not
// link it.
type Deps struct {
	config Config
	http   *http.Client

	store func() *dynamo.Store
	auth  func() *identity.Authenticator
	ops   func() *identity.Operators
}

// NewDeps returns the dependencies for a configuration.
func NewDeps(c Config) *Deps {
	d := &Deps{config: c, http: newHTTPClient()}
	d.store = sync.OnceValue(d.newStore)
	d.auth = sync.OnceValue(d.newAuth)
	d.ops = sync.OnceValue(func() *identity.Operators { return identity.NewOperators(d.Store(), d.Now) })
	return d
}

// Now is the clock.
func (d *Deps) Now() time.Time { return time.Now() }

// Store is the table.
func (d *Deps) Store() *dynamo.Store { return d.store() }

// Auth knows callers by their keys and sessions.
func (d *Deps) Auth() *identity.Authenticator { return d.auth() }

// Operators knows operators by their keys.
func (d *Deps) Operators() *identity.Operators { return d.ops() }

// DefaultModel is the model of agents that name none.
func (d *Deps) DefaultModel() string { return d.config.Model }

// TopUpURL is where callers without credits can buy some; empty is the console.
func (d *Deps) TopUpURL() string { return d.config.TopUpURL }

// Config is what the environment says.
func (d *Deps) Config() Config { return d.config }

// HTTP is the client of all calls to AWS and to models. It has no overall time
// limit, which would end a long stream: contexts do that.
func (d *Deps) HTTP() *http.Client { return d.http }

// storeTime is what one try of a call of the store may take. A store answers in
// milliseconds, or late because it has too much to do, or not at all; and a
// settlement that waits for an answer which never comes would wait for its
// function's end. It leaves a settlement a second try.
var storeTime = 9 * time.Second

func (d *Deps) newStore() *dynamo.Store {
	c := d.AWS("dynamodb", d.config.Endpoint)
	c.Retryer = dynamo.Retryer
	c.HTTPClient = awshttp.PlainBodies(&http.Client{Transport: d.http.Transport, Timeout: storeTime})
	return dynamo.New(dynamodb.NewFromConfig(c), d.config.Table, d.Now)
}

func (d *Deps) newAuth() *identity.Authenticator {
	auth := identity.NewAuthenticator(d.Store(), d.Now)
	if d.config.UserPool != "" {
		auth.Sessions = session.New(d.userPool(), d.http, d.Now)
	}
	return auth
}

// userPool says whose tokens are sessions. A local AWS signs as Cognito itself,
// but publishes its keys under its own address.
func (d *Deps) userPool() session.Pool {
	issuer := "https://cognito-idp." + d.config.Region + ".amazonaws.com/" + d.config.UserPool
	publisher := issuer
	if d.config.Endpoint != "" {
		publisher = d.config.Endpoint + "/" + d.config.UserPool
	}
	return session.Pool{
		Issuer: issuer, Audience: d.config.UserPoolClient,
		KeysURL: publisher + "/.well-known/jwks.json",
	}
}
