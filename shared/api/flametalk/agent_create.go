package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentCreator stores new agents.
type AgentCreator interface {
	wire.Keeper
	CreateAgent(ctx context.Context, once *idempotency.Change, a agent.Agent, draft agent.Version) error
}

// AgentCreate answers POST /agents: a new agent with its first draft.
func AgentCreate(auth wire.Authenticator, agents AgentCreator, now func() time.Time) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Agent, error) {
		fields, err := body.Read(r)
		if err != nil {
			return agent.Agent{}, err
		}
		p, err := readNew(fields)
		if err != nil {
			return agent.Agent{}, err
		}
		a, draft := agent.New(caller.OrgID, *p.Name, deref(p.Description), *p.Instructions, now())
		return a, agents.CreateAgent(r.Context(), once, a, draft)
	}, func(a agent.Agent) wire.Answer { return envelope.Changed(http.StatusCreated, cardOf(a)) }))
}
