package connection

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists connections.
type Lister interface {
	Connections(ctx context.Context, orgID, after string, limit int) ([]connection.Connection, error)
}

// List answers GET /connections: a page of the org's connections, newest first.
func List(auth wire.Authenticator, connections Lister) http.Handler {
	return shown(func(shape func(connection.Connection) connectionShape) http.Handler {
		return frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]connection.Connection, error) {
			return connections.Connections(r.Context(), caller.OrgID, after.LastID(), limit)
		}, shape, func(c connection.Connection) frame.Cursor { return frame.Cursor{ID: c.ID, At: c.CreatedAt} })
	})
}
