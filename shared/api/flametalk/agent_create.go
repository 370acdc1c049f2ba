package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// AgentCreator stores new agents.
type AgentCreator interface {
	CreateAgent(ctx context.Context, a agent.Agent, draft agent.Version) error
}

// AgentCreate answers POST /agents: a new agent with its first draft.
func AgentCreate(auth wire.Authenticator, agents AgentCreator, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		body, err := wire.ReadObject(r)
		if err != nil {
			return err
		}
		p, err := readPatch(body)
		if err != nil {
			return err
		}
		if err := requireNew(p); err != nil {
			return err
		}
		a, draft := agent.New(caller.OrgID, *p.Name, deref(p.Description), *p.Instructions, now())
		if err := agents.CreateAgent(r.Context(), a, draft); err != nil {
			return err
		}
		return ok(w, http.StatusCreated, cardOf(a))
	}))
}
