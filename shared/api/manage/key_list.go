package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// KeyLister lists keys.
type KeyLister interface {
	Keys(ctx context.Context, orgID, after string, limit int) ([]account.Key, error)
}

// KeyList answers GET /api-keys: a page of the org's live keys, newest first.
func KeyList(auth wire.Authenticator, keys KeyLister) http.Handler {
	return listing(auth, keys.Keys, shapeOfKey, func(k account.Key) cursor { return cursor{k.ID, k.CreatedAt} })
}
