package agentflow

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// KeyLister lists keys.
type KeyLister interface {
	Keys(ctx context.Context, orgID, after string, limit int) ([]identity.Key, error)
}

const maxKeys = 100

// KeyList answers GET /me/api-keys: the org's live keys, newest first. It shows only the last
// characters of each.
func KeyList(auth wire.Authenticator, keys KeyLister) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		limit, err := param.QueryInt(r, "limit", maxKeys, 1, maxKeys)
		if err != nil {
			return err
		}
		after, err := afterKey(r)
		if err != nil {
			return err
		}
		page, err := keys.Keys(r.Context(), caller.OrgID, after, limit)
		if err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, wire.List(page, func(k identity.Key) keyShape {
			s := shapeOfKey(k)
			s.Hint = k.Hint
			return s
		}))
	}))
}
