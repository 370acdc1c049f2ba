package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// KeyLister lists keys.
type KeyLister interface {
	Keys(ctx context.Context, orgID, after string, limit int) ([]account.Key, error)
}

// KeyList answers GET /api-keys: a page of the org's live keys, newest first.
func KeyList(auth wire.Authenticator, keys KeyLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		return answerPage(w, r, func(after *cursor, limit int) ([]account.Key, error) {
			return keys.Keys(r.Context(), caller.OrgID, after.lastID(), limit)
		}, shapeOfKey, func(k account.Key) cursor { return cursor{k.ID, k.CreatedAt} })
	}))
}
