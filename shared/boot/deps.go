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

// Deps creates the dependencies that most functions have, each at its first use. The
// packages below have those of a few functions, so that the others do not link them.
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

// Now returns the time.
func (d *Deps) Now() time.Time { return time.Now() }

// Store returns the table.
func (d *Deps) Store() *dynamo.Store { return d.store() }

// Auth authenticates callers by keys and sessions.
func (d *Deps) Auth() *identity.Authenticator { return d.auth() }

// Operators authenticates operators by their keys.
func (d *Deps) Operators() *identity.Operators { return d.ops() }

// DefaultModel returns the model of agents without a model setting.
func (d *Deps) DefaultModel() string { return d.config.Model }

// TopUpURL returns the URL where callers can buy credits; empty means the console.
func (d *Deps) TopUpURL() string { return d.config.TopUpURL }

// Config returns the configuration.
func (d *Deps) Config() Config { return d.config }

// HTTP returns the client of all calls to AWS and to models. It has no overall time limit,
// which would end long streams; contexts bound the calls.
func (d *Deps) HTTP() *http.Client { return d.http }

// storeTime bounds one attempt of a store call. The store normally answers in milliseconds.
// Without a bound, a settlement whose response is lost would wait until its function's
// deadline. The bound leaves time for a second attempt.
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

// userPool returns the pool whose tokens are sessions. A local AWS uses Cognito's own issuer,
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
