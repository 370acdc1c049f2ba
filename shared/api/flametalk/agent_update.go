package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// AgentUpdater changes agents.
type AgentUpdater interface {
	UpdateAgent(ctx context.Context, orgID, agentID string, p agent.Patch, now time.Time) (agent.Agent, error)
}

// AgentUpdate answers PATCH /agents/{id}. New instructions make a new draft; a
// null description takes the description away.
func AgentUpdate(auth wire.Authenticator, agents AgentUpdater, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		id, err := managedAgent(r, caller)
		if err != nil {
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
		if body.IsNull("description") {
			p.Description = new(string)
		}
		if p == (agent.Patch{}) {
			return fault.Field("body", "At least one of name, description and instructions is required")
		}
		a, err := agents.UpdateAgent(r.Context(), caller.OrgID, id, p, now())
		if err != nil {
			return err
		}
		return ok(w, http.StatusOK, cardOf(a))
	}))
}
