package key

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists keys.
type Lister interface {
	Keys(ctx context.Context, orgID, after string, limit int) ([]identity.Key, error)
}

// List answers GET /api-keys: a page of the org's live keys, newest first.
func List(auth wire.Authenticator, keys Lister) http.Handler {
	return frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]identity.Key, error) {
		return keys.Keys(r.Context(), caller.OrgID, after.LastID(), limit)
	}, shapeOfKey, func(row identity.Key) frame.Cursor { return frame.Cursor{ID: row.ID, At: row.CreatedAt} })
}
