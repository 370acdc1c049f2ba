package turns

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Get answers GET /turns/{id}: a turn as settled, or as far as it has come. A key that is bound to an
// agent may read that agent's turns.
func Get(auth wire.Authenticator, store turn.MonitorStore, now func() time.Time) http.Handler {
	monitor := &turn.Monitor{Store: store, Now: now}
	return frame.Read(auth, nil, func(r *http.Request, caller identity.Caller) (shape, error) {
		id, err := turnID(r)
		if err != nil {
			return shape{}, err
		}
		s, err := monitor.Get(r.Context(), caller, id)
		if err != nil {
			return shape{}, err
		}
		return shapeOf(s), nil
	})
}
