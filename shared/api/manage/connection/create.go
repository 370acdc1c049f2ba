// Package connection manages an org's connections to channels. Their credentials are taken
// and never shown.
package connection

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Creator stores new connections with their sealed secrets.
type Creator interface {
	wire.Keeper
	agent.Reader
	CreateConnection(ctx context.Context, once *idempotency.Change, c connection.Connection, sealed connection.Sealed) error
}

// Create answers POST /connections with a new connection.
func Create(auth wire.Authenticator, connections Creator, sealer connection.Sealer, now func() time.Time) http.Handler {
	return shown(func(shape func(connection.Connection) connectionShape) http.Handler {
		return frame.Change(auth, identity.Caller.MayManage, connections, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (connection.Connection, error) {
			fields, err := body.Read(r)
			if err != nil {
				return connection.Connection{}, err
			}
			q, err := readNew(fields)
			if err != nil {
				return connection.Connection{}, err
			}
			live, err := agent.Find(r.Context(), connections, caller.OrgID, q.agent)
			if err != nil {
				return connection.Connection{}, err
			}
			c := q.connection
			c.ID, c.OrgID, c.AgentID, c.Credentials = connection.NewID(), caller.OrgID, live.AgentID, 1
			c.CreatedAt = now()
			c.UpdatedAt, c.RotatedAt = c.CreatedAt, c.CreatedAt
			maps.Copy(q.secrets, connection.Generate(c.Channel))
			sealed, err := connection.Seal(r.Context(), sealer, c.Owner(), q.secrets)
			if err != nil {
				return connection.Connection{}, err
			}
			return c, connections.CreateConnection(r.Context(), once, c, sealed)
		}, http.StatusCreated, shape)
	})
}
