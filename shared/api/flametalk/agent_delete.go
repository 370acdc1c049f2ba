package flametalk

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentDeleter deletes agents.
type AgentDeleter interface {
	wire.Keeper
	DeleteAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string) error
}

// AgentDelete answers DELETE /agents/{id}.
func AgentDelete(auth wire.Authenticator, agents AgentDeleter) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (struct{}, error) {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, agents.DeleteAgent(r.Context(), once, caller.OrgID, id)
	}, func(struct{}) wire.Answer { return envelope.Changed(http.StatusOK, envelope.Deleted{Deleted: true}) }))
}
