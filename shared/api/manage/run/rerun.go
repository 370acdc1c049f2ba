package run

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/work"
)

// Rerun answers POST /automations/{id}/runs/{run_id}/rerun: it runs a run again that has ended,
// from a step on.
func Rerun(auth wire.Authenticator, runs Changer, workers work.Queue, now func() time.Time) http.Handler {
	desk := &automation.Desk{Store: runs, Workers: workers, Now: now}
	return frame.Change(auth, identity.Caller.MayManage, runs, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (automation.Run, error) {
		ref, err := refOf(r, caller)
		if err != nil {
			return automation.Run{}, err
		}
		fields, err := body.ReadOptional(r)
		if err != nil {
			return automation.Run{}, err
		}
		from, err := readFrom(fields)
		if err != nil {
			return automation.Run{}, err
		}
		return desk.Rerun(r.Context(), once, ref, from)
	}, http.StatusAccepted, shapeOf)
}

// readFrom reads the path of the step to begin with; empty: the first one.
func readFrom(fields body.Object) (string, error) {
	from, err := fields.Allow("from_step").OptionalString("from_step", automation.FromRule)
	switch {
	case err != nil:
		return "", err
	case from == nil:
		return "", nil
	case *from == "":
		return "", automation.ErrFromStep
	}
	return *from, nil
}
