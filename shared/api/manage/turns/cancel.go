package turns

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Canceller finds and cancels turns.
type Canceller interface {
	wire.Keeper
	turn.MonitorStore
}

// cancelled is the answer to a cancellation. The turn may run for some seconds more.
type cancelled struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

// Cancel answers POST /turns/{id}/cancel. The turn ends within 3 s, settled for what it produced. A key
// that is bound to an agent may cancel that agent's turns.
func Cancel(auth wire.Authenticator, store Canceller, now func() time.Time) http.Handler {
	monitor := &turn.Monitor{Store: store, Now: now}
	return frame.Change(auth, nil, store, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (turn.State, error) {
		id, err := turnID(r)
		if err != nil {
			return turn.State{}, err
		}
		return monitor.Cancel(r.Context(), once, caller, id)
	}, http.StatusAccepted, func(s turn.State) cancelled { return cancelled{ID: s.Turn.ID, Status: string(s.Status())} })
}
