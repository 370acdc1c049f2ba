// Package provider serves the models of orgs' own providers: an OpenAI-compatible server with the
// org's key, or Bedrock in the org's account. Providers is the turn engine's source of them.
//
// The org pays such a provider itself. Its answers and errors are not ours: what the provider
// sends about an error goes to the log, and callers learn only whose provider failed.
package provider

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/recall"
)

// Opener opens sealed secrets of agents.
type Opener interface {
	OpenAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error)
}

// Roles assumes roles of orgs' AWS accounts.
type Roles interface {
	// Assume is documented with sts.Client.
	Assume(ctx context.Context, roleARN, externalID, session string) (aws.Credentials, error)
}

// Providers returns the model providers of agents that have their own. Each is kept with its
// opened key, in memory only and as long as the agent's settings stay as they are.
type Providers struct {
	secrets Opener
	roles   Roles
	http    *http.Client // for base URLs, which customers choose
	aws     aws.Config   // of Bedrock; region and credentials are those of the settings
	limits  watch.Limits

	clients recall.Memory[*client] // by the settings
}

// maxClients bounds the clients of a process, which has 128 MB of memory.
const maxClients = 64

// New returns providers. httpClient calls the base URLs: it must refuse private addresses and
// follow no redirect, so that a key goes to no other server. bedrockConfig is the configuration
// of Bedrock's client, whose region is the default one.
func New(secrets Opener, roles Roles, httpClient *http.Client, bedrockConfig aws.Config, limits watch.Limits) *Providers {
	return &Providers{
		secrets: secrets, roles: roles, http: httpClient, aws: bedrockConfig, limits: limits,
		clients: recall.Memory[*client]{Limit: maxClients},
	}
}

// client is the provider of one agent's settings.
type client struct {
	spoken

	credentials aws.CredentialsProvider // of a role; nil: none
}

// Of returns the provider that an agent's settings name. The first call for some settings opens
// the key, and that for a role gets credentials once an hour. The errors are those of a
// model.Provider.
func (p *Providers) Of(ctx context.Context, live agent.Live) (model.Provider, error) {
	name := nameOf(live)
	c := p.clients.Of(name)
	if c == nil {
		var err error
		if c, err = p.connect(ctx, live); err != nil {
			return nil, err
		}
		p.clients.Learn(name, c)
	}
	if c.credentials != nil {
		if _, err := c.credentials.Retrieve(ctx); err != nil {
			return nil, roleError(ctx, err)
		}
	}
	return c, nil
}

// nameOf returns the name of an agent's settings. The sealed key stands for the plain one.
func nameOf(live agent.Live) string {
	s := live.Settings
	return fmt.Sprintf("%q", []string{live.OrgID, live.AgentID, string(s.Provider), s.BaseURL, s.Region, s.RoleARN, string(s.ProviderKey)})
}

func (p *Providers) connect(ctx context.Context, live agent.Live) (*client, error) {
	key := ""
	if len(live.Settings.ProviderKey) > 0 {
		var err error
		if key, err = p.secrets.OpenAgentSecret(ctx, live.OrgID, live.AgentID, agent.ProviderSecret, live.Settings.ProviderKey); err != nil {
			return nil, keyless(ctx, err)
		}
	}
	switch live.Settings.Provider {
	case agent.OpenAI:
		if live.Settings.BaseURL == "" {
			return nil, incomplete("base_url")
		}
		return &client{spoken: spoken{openai.New(live.Settings.BaseURL, apikey.Fixed(key), p.http, p.limits)}}, nil
	case agent.Bedrock:
		return p.bedrock(live, key)
	default:
		return nil, incomplete("provider")
	}
}

// region has the form of a region's name. Names of hosts are made of it.
var region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`)

func (p *Providers) bedrock(live agent.Live, key string) (*client, error) {
	config := p.aws.Copy()
	if r := live.Settings.Region; r != "" {
		config.Region = r
	}
	if !region.MatchString(config.Region) {
		return nil, incomplete("region")
	}
	c := &client{}
	var options []func(*bedrockruntime.Options)
	switch {
	case live.Settings.RoleARN != "":
		c.credentials = p.assumed(live)
		config.Credentials = c.credentials
	case key != "":
		options = append(options, bedrock.WithKey(key))
	default:
		return nil, incomplete("provider_key or role_arn")
	}
	c.spoken = spoken{bedrock.New(bedrockruntime.NewFromConfig(config, options...), p.limits)}
	return c, nil
}

// assumed returns the cached credentials of an agent's role. The external id is the org's id:
// so a role that another org's account trusts us with cannot be named here.
func (p *Providers) assumed(live agent.Live) aws.CredentialsProvider {
	return aws.NewCredentialsCache(
		aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			return p.roles.Assume(ctx, live.Settings.RoleARN, live.OrgID, "quintet-"+live.AgentID)
		}),
		func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewBefore },
	)
}
