package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Rotator replaces sealed secrets.
type Rotator interface {
	wire.Keeper
	Reader
	RotateCredentials(ctx context.Context, once *idempotency.Change, orgID, id string, fresh connection.Sealed, now time.Time) (connection.Connection, error)
}

// Rotate answers POST /connections/{id}/rotate-credentials: the given secrets replace the old
// ones at once, and the others stay.
func Rotate(auth wire.Authenticator, connections Rotator, sealer connection.Sealer, now func() time.Time) http.Handler {
	return shown(func(shape func(connection.Connection) connectionShape) http.Handler {
		return frame.Change(auth, identity.Caller.MayManage, connections, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (connection.Connection, error) {
			fields, err := body.Read(r)
			if err != nil {
				return connection.Connection{}, err
			}
			c, err := connectionOf(r, connections, caller)
			if err != nil {
				return connection.Connection{}, err
			}
			secrets, err := readRotation(fields, c)
			if err != nil {
				return connection.Connection{}, err
			}
			sealed, err := connection.Seal(r.Context(), sealer, c.Owner(), secrets)
			if err != nil {
				return connection.Connection{}, err
			}
			return connections.RotateCredentials(r.Context(), once, caller.OrgID, c.ID, sealed, now())
		}, http.StatusOK, shape)
	})
}
