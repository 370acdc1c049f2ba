package connection

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Reader reads connections.
type Reader interface {
	Connection(ctx context.Context, orgID, id string) (connection.Connection, error)
}

// Get answers GET /connections/{id}.
func Get(auth wire.Authenticator, connections Reader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (connectionShape, error) {
		c, err := connectionOf(r, connections, caller)
		if err != nil {
			return connectionShape{}, err
		}
		return shapeOf(wire.BaseURL(r.Context()))(c), nil
	})
}

// connectionOf returns the connection that the path names.
func connectionOf(r *http.Request, connections Reader, caller identity.Caller) (connection.Connection, error) {
	id, err := connectionID(r)
	if err != nil {
		return connection.Connection{}, err
	}
	return connections.Connection(r.Context(), caller.OrgID, id)
}
