package turns

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// List answers GET /turns?status=running: a page of the org's running turns, newest first.
func List(auth wire.Authenticator, store turn.MonitorStore, now func() time.Time) http.Handler {
	monitor := &turn.Monitor{Store: store, Now: now}
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		if r.URL.Query().Get("status") != string(turn.Running) {
			return fault.Field("status", "status must be running")
		}
		return frame.PageOf(w, r, param.IsID, func(after *frame.Cursor, limit int) ([]turn.State, *frame.Cursor, error) {
			page, more, err := monitor.List(r.Context(), caller.OrgID, after.LastID(), limit)
			if err != nil || !more {
				return page, nil, err
			}
			last := page[len(page)-1].Turn
			return page, &frame.Cursor{ID: last.ID, At: last.StartedAt}, nil
		}, shapeOf)
	}))
}
