package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentUpdater changes agents.
type AgentUpdater interface {
	wire.Keeper
	UpdateAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string, p agent.Patch, now time.Time) (agent.Agent, error)
}

// AgentUpdate answers PATCH /agents/{id}. New instructions create a new draft; a null description
// removes the description.
func AgentUpdate(auth wire.Authenticator, agents AgentUpdater, now func() time.Time) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Agent, error) {
		id, p, err := readUpdate(r)
		if err != nil {
			return agent.Agent{}, err
		}
		return agents.UpdateAgent(r.Context(), once, caller.OrgID, id, p, now())
	}, func(a agent.Agent) wire.Answer { return envelope.Changed(http.StatusOK, cardOf(a)) }))
}

func readUpdate(r *http.Request) (id string, p agent.Patch, err error) {
	if id, err = param.PathAgent(r, "id"); err != nil {
		return "", agent.Patch{}, err
	}
	fields, err := body.Read(r)
	if err != nil {
		return "", agent.Patch{}, err
	}
	if p, err = readPatch(fields); err != nil {
		return "", agent.Patch{}, err
	}
	if fields.IsNull("description") {
		p.Description = new(string)
	}
	if p == (agent.Patch{}) {
		return "", agent.Patch{}, fields.Allow(patchFields...).NoChange()
	}
	return id, p, nil
}
