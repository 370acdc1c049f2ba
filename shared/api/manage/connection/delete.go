package connection

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Deleter deletes connections.
type Deleter interface {
	wire.Keeper
	DeleteConnection(ctx context.Context, once *idempotency.Change, orgID, id string) error
}

// Delete answers DELETE /connections/{id}.
func Delete(auth wire.Authenticator, connections Deleter) http.Handler {
	return frame.Delete(auth, identity.Caller.MayManage, connections, func(r *http.Request, caller identity.Caller, once *idempotency.Change) error {
		id, err := connectionID(r)
		if err != nil {
			return err
		}
		return connections.DeleteConnection(r.Context(), once, caller.OrgID, id)
	})
}
