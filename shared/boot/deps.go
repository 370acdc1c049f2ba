package boot

import (
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Deps makes a function's dependencies, each when it is first asked for: what
// a function does not ask for is neither built nor, mostly, linked.
type Deps struct {
	config Config
	http   *http.Client

	store func() *dynamo.Store
	auth  func() *account.Authenticator
}

// NewDeps returns the dependencies for a configuration.
func NewDeps(c Config) *Deps {
	d := &Deps{config: c, http: newHTTPClient()}
	d.store = sync.OnceValue(d.newStore)
	d.auth = sync.OnceValue(func() *account.Authenticator { return account.NewAuthenticator(d.Store(), d.Now) })
	return d
}

// Now is the clock.
func (d *Deps) Now() time.Time { return time.Now() }

// Store is the table.
func (d *Deps) Store() *dynamo.Store { return d.store() }

// Auth knows callers by their keys.
func (d *Deps) Auth() *account.Authenticator { return d.auth() }

// DefaultModel is the model of agents that name none.
func (d *Deps) DefaultModel() string { return d.config.Model }

// Turns is the turn engine.
func (d *Deps) Turns() *turn.Engine {
	return &turn.Engine{Store: d.Store(), Model: d.newModel(), DefaultModel: d.config.Model, Now: d.Now}
}

func (d *Deps) newStore() *dynamo.Store {
	warm(d.http, d.config.Endpoint, "dynamodb", d.config.Region)
	c := d.awsConfig(d.config.Endpoint)
	c.Retryer = dynamo.Retryer
	return dynamo.New(dynamodb.NewFromConfig(c), d.config.Table, d.Now)
}

func (d *Deps) newModel() model.Provider {
	if d.config.ModelBaseURL != "" {
		return openai.New(d.config.ModelBaseURL, d.config.ModelAPIKey, d.http)
	}
	endpoint := d.config.BedrockEndpoint
	if endpoint == "" {
		endpoint = d.config.Endpoint
	}
	warm(d.http, endpoint, "bedrock-runtime", d.config.Region)
	c := d.awsConfig(endpoint)
	// A caller waits: one more try, soon, and then the truth.
	c.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 2, time.Second })
	}
	return bedrock.New(bedrockruntime.NewFromConfig(c))
}
