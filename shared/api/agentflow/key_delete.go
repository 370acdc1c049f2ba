package agentflow

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// KeyRevoker revokes keys.
type KeyRevoker interface {
	wire.Keeper
	RevokeKey(ctx context.Context, once *idempotency.Change, orgID, keyID string, at time.Time) error
}

// KeyDelete answers DELETE /me/api-keys/{id}: it revokes the key. It is a no-op for a revoked key.
func KeyDelete(auth wire.Authenticator, keys KeyRevoker, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Changes(auth, identity.Caller.MayOwn, keys, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (struct{}, error) {
		id := param.PathID(r, "id")
		if !param.IsID(id) {
			return struct{}{}, identity.ErrNoKey
		}
		return struct{}{}, keys.RevokeKey(r.Context(), once, caller.OrgID, id, now())
	}, func(struct{}) wire.Answer { return wire.Answer{Status: http.StatusNoContent} }))
}

// afterKey returns the id of the last key on the previous page, or "" for the first page.
func afterKey(r *http.Request) (string, error) {
	if !r.URL.Query().Has("after") {
		return "", nil
	}
	id := param.QueryID(r, "after")
	if !param.IsID(id) {
		return "", fault.Field("after", "after must be the id of a key")
	}
	return id, nil
}
