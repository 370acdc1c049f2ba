package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Remover removes members.
type Remover interface {
	Remove(ctx context.Context, orgID, userID string) error
}

// Delete answers DELETE /org/members/{id}.
func Delete(auth wire.Authenticator, kept wire.Keeper, members Remover) http.Handler {
	return frame.Delete(auth, identity.Caller.MayOwn, kept, func(r *http.Request, caller identity.Caller) error {
		id, err := memberID(r)
		if err != nil {
			return err
		}
		return members.Remove(r.Context(), caller.OrgID, id)
	})
}
