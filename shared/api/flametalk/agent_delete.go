package flametalk

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// AgentDeleter deletes agents.
type AgentDeleter interface {
	DeleteAgent(ctx context.Context, orgID, agentID string) error
}

// AgentDelete answers DELETE /agents/{id}.
func AgentDelete(auth wire.Authenticator, agents AgentDeleter) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		id, err := managedAgent(r, caller)
		if err != nil {
			return err
		}
		if err := agents.DeleteAgent(r.Context(), caller.OrgID, id); err != nil {
			return err
		}
		return ok(w, http.StatusOK, deleted{Deleted: true})
	}))
}

type deleted struct {
	Deleted bool `json:"deleted"`
}
