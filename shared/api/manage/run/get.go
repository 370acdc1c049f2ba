package run

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Get answers GET /automations/{id}/runs/{run_id}: a run with what started it, and the steps that
// it has begun.
func Get(auth wire.Authenticator, runs automation.RunReader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (wholeShape, error) {
		ref, err := refOf(r, caller)
		if err != nil {
			return wholeShape{}, err
		}
		of, steps, err := automation.FindRun(r.Context(), runs, ref)
		if err != nil {
			return wholeShape{}, err
		}
		return wholeOf(found{of, steps}), nil
	})
}
