package flapjack

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// ThreadDeleter deletes threads.
type ThreadDeleter interface {
	DeleteThread(ctx context.Context, orgID, threadID string, at time.Time) error
}

// ThreadDelete answers DELETE /api/threads/{id} with no content.
func ThreadDelete(auth wire.Authenticator, threads ThreadDeleter, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		id, err := threadID(r)
		if err != nil {
			return err
		}
		if err := threads.DeleteThread(r.Context(), caller.OrgID, id, now()); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}))
}
