package flapjack

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// ThreadDeleter deletes threads.
type ThreadDeleter interface {
	wire.Keeper
	DeleteThread(ctx context.Context, once *idempotency.Change, orgID, threadID string, at time.Time) error
}

// ThreadDelete answers DELETE /api/threads/{id} with no content.
func ThreadDelete(auth wire.Authenticator, threads ThreadDeleter, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Changes(auth, identity.Caller.MayManage, threads, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (struct{}, error) {
		id, err := threadID(r)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, threads.DeleteThread(r.Context(), once, caller.OrgID, id, now())
	}, func(struct{}) wire.Answer { return wire.Answer{Status: http.StatusNoContent} }))
}
