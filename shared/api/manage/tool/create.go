// Package tool manages the tools of agents. They belong to a version: a change makes or
// changes the draft. Secret headers are taken and never shown.
package tool

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/tool"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// Reader reads the version that a change of an agent starts from.
type Reader interface {
	Newest(ctx context.Context, orgID, agentID string) (agent.Version, error)
}

// Changer changes the drafts of agents.
type Changer interface {
	wire.Keeper
	Reader
	ChangeDraft(
		ctx context.Context, once *idempotency.Change, orgID, agentID string, now time.Time, next func(*agent.Version) error,
	) (agent.Version, error)
}

// Signer creates the secret that signs the requests of tools.
type Signer interface {
	Prepare(ctx context.Context, orgID, name string) error
}

// Desk is what the handlers that change tools need beside the agents.
type Desk struct {
	Sealer  agent.Sealer
	Opener  tool.Opener
	URLs    delivery.URLs
	Servers Servers
	Signer  Signer
	Now     func() time.Time
}

// Create answers POST /agents/{id}/tools with a new tool.
func Create(auth wire.Authenticator, agents Changer, desk Desk) http.Handler {
	return perRequest(func(*http.Request) http.Handler {
		id := uuid.Must(uuid.NewV7()).String()
		var found []pin.Found
		return frame.Change(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Version, error) {
			ofAgent, err := param.PathAgent(r, "id")
			if err != nil {
				return agent.Version{}, err
			}
			fields, err := body.Read(r)
			if err != nil {
				return agent.Version{}, err
			}
			t, c, err := readNew(fields)
			if err != nil {
				return agent.Version{}, err
			}
			t.ID, t.CreatedAt = id, desk.Now()
			t.UpdatedAt = t.CreatedAt
			choices, err := desk.prepare(r.Context(), c, &t, caller.OrgID, ofAgent)
			if err != nil {
				return agent.Version{}, err
			}
			if _, err := agents.Newest(r.Context(), caller.OrgID, ofAgent); err != nil {
				return agent.Version{}, err // before a server is asked and a secret is made
			}
			if t.Type == agent.MCPTool {
				if found, t.Allow, err = desk.discover(r.Context(), caller.OrgID, ofAgent, t, c, choices); err != nil {
					return agent.Version{}, err
				}
			}
			if err := desk.Signer.Prepare(r.Context(), caller.OrgID, delivery.Callbacks); err != nil {
				return agent.Version{}, err
			}
			return agents.ChangeDraft(r.Context(), once, caller.OrgID, ofAgent, desk.Now(), func(v *agent.Version) error {
				if err := unique(*v, t); err != nil {
					return err
				}
				v.Tools = append(v.Tools, t)
				return nil
			})
		}, http.StatusCreated, func(v agent.Version) toolShape { return shape(v, id, found, "") })
	})
}

// prepare applies a change to a tool, checks the result and seals the new secrets.
func (d Desk) prepare(ctx context.Context, c change, t *agent.Tool, orgID, ofAgent string) ([]pin.Choice, error) {
	was := t.URL
	if err := c.apply(t); err != nil {
		return nil, err
	}
	var choices []pin.Choice
	if t.Type == agent.MCPTool {
		var err error
		if choices, err = c.choices(); err != nil {
			return nil, err
		}
	}
	unsealed := map[string][]byte{} // for the check, which wants names only
	for name, value := range c.secrets {
		if unsealed[name] = nil; value != nil {
			unsealed[name] = []byte("-")
		}
	}
	checked := *t
	c.merge(&checked, unsealed)
	address, err := check(checked)
	if err != nil {
		return nil, err
	}
	if t.URL != was { // an address that was accepted is checked again by each call
		if err := d.URLs.Check(ctx, "url", address); err != nil {
			return nil, err
		}
	}
	sealed, err := c.seal(ctx, d.Sealer, orgID, ofAgent)
	if err != nil {
		return nil, err
	}
	c.merge(t, sealed)
	return choices, nil
}

// discover asks an MCP server for its tools, and returns them with the pins of the chosen ones.
func (d Desk) discover(ctx context.Context, orgID, ofAgent string, t agent.Tool, c change, choices []pin.Choice) ([]pin.Found, []agent.Pin, error) {
	found, err := d.Servers.Discover(ctx, d.server(orgID, ofAgent, t, c))
	if err != nil {
		return nil, nil, err
	}
	if choices == nil {
		return found, t.Allow, nil
	}
	allow, err := pin.Agree(found, t.Allow, choices)
	if err != nil {
		return nil, nil, err
	}
	t.Allow = allow
	for i, f := range found { // as they are after the agreement
		for _, p := range allow {
			if p.Name == f.Name && p.SHA256 == f.SHA256 {
				found[i].State, found[i].Was, found[i].Now = pin.Allowed, nil, nil
			}
		}
	}
	return found, allow, nil
}

// server returns the server of a tool, with the secrets that a change has in plain form.
func (d Desk) server(orgID, ofAgent string, t agent.Tool, c change) mcp.Server {
	return mcp.Server{OrgID: orgID, Tool: t, Headers: func(ctx context.Context) (map[string]string, error) {
		plain := map[string]string{}
		for name, sealed := range t.SecretHeaders {
			if value := c.secrets[name]; value != nil {
				plain[name] = *value
				continue
			}
			value, err := d.Opener.OpenAgentSecret(ctx, orgID, ofAgent, agent.HeaderSecret, sealed)
			if err != nil {
				return nil, err
			}
			plain[name] = value
		}
		return plain, nil
	}}
}
