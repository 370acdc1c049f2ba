package run

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/work"
)

// Changer cancels runs, and runs them again.
type Changer interface {
	wire.Keeper
	automation.RunChanger
}

// Cancel answers POST /automations/{id}/runs/{run_id}/cancel. A step that is under way ends first.
func Cancel(auth wire.Authenticator, runs Changer, workers work.Queue, now func() time.Time) http.Handler {
	desk := &automation.Desk{Store: runs, Workers: workers, Now: now}
	return frame.Change(auth, identity.Caller.MayManage, runs, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (automation.Run, error) {
		ref, err := refOf(r, caller)
		if err != nil {
			return automation.Run{}, err
		}
		return desk.Cancel(r.Context(), once, ref)
	}, http.StatusAccepted, shapeOf)
}
