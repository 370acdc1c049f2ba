package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Remover removes members.
type Remover interface {
	Remove(ctx context.Context, once *idempotency.Change, orgID, userID string) error
}

// Delete answers DELETE /org/members/{id}.
func Delete(auth wire.Authenticator, kept wire.Keeper, members Remover) http.Handler {
	return frame.Delete(auth, identity.Caller.MayOwn, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) error {
		id, err := memberID(r)
		if err != nil {
			return err
		}
		return members.Remove(r.Context(), once, caller.OrgID, id)
	})
}
