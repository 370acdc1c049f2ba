package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Updater changes connections.
type Updater interface {
	wire.Keeper
	agent.Reader
	Reader
	UpdateConnection(ctx context.Context, once *idempotency.Change, orgID, id string, p connection.Patch, now time.Time) (connection.Connection, error)
}

// Update answers PATCH /connections/{id}: another name, agent or settings, disabled or active
// again.
func Update(auth wire.Authenticator, connections Updater, now func() time.Time) http.Handler {
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
			p, err := readPatch(fields, c.Channel)
			if err != nil {
				return connection.Connection{}, err
			}
			if p.AgentID != nil {
				live, err := agent.Find(r.Context(), connections, caller.OrgID, *p.AgentID)
				if err != nil {
					return connection.Connection{}, err
				}
				p.AgentID = &live.AgentID
			}
			return connections.UpdateConnection(r.Context(), once, caller.OrgID, c.ID, p, now())
		}, http.StatusOK, shape)
	})
}

// readPatch reads a change of a connection of the given channel. Its agent is an id or a slug.
func readPatch(fields body.Object, c connection.Channel) (p connection.Patch, err error) {
	fields = fields.Allow("name", "agent_id", "settings", "status")
	if p.Name, err = fields.OptionalString("name", connection.NameRule); err != nil {
		return p, err
	}
	if p.Name != nil {
		if *p.Name, err = connection.CleanName(*p.Name); err != nil {
			return p, err
		}
	}
	if p.AgentID, err = fields.OptionalString("agent_id", agent.RefRule); err != nil {
		return p, err
	}
	if p.AgentID != nil {
		*p.AgentID = param.FoldIDs(*p.AgentID)
	}
	if p.Settings, err = readSettings(fields, c); err != nil {
		return p, err
	}
	status, err := fields.OptionalOneOf("status", string(connection.Active), string(connection.Disabled))
	if err != nil {
		return p, err
	}
	if status != "" {
		p.Disabled = new(status == string(connection.Disabled))
	}
	if p.Empty() {
		return p, fields.NoChange()
	}
	return p, nil
}
