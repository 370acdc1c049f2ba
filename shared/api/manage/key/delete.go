package key

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Revoker revokes keys.
type Revoker interface {
	wire.Keeper
	RevokeKey(ctx context.Context, once *idempotency.Change, orgID, keyID string, at time.Time) error
}

// Delete answers DELETE /api-keys/{id}: it revokes the key. It is a no-op for a revoked key.
func Delete(auth wire.Authenticator, keys Revoker, now func() time.Time) http.Handler {
	return frame.Delete(auth, identity.Caller.MayOwn, keys, func(r *http.Request, caller identity.Caller, once *idempotency.Change) error {
		id := param.PathID(r, "id")
		if !param.IsID(id) {
			return identity.ErrNoKey
		}
		return keys.RevokeKey(r.Context(), once, caller.OrgID, id, now())
	})
}
