package flowgent

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
)

type acknowledgement struct {
	Message string `json:"message"`
	Status  string `json:"status"`
}

var accepted = wire.Answer{Status: http.StatusOK, Body: acknowledgement{"Request accepted and being processed asynchronously", "processing"}}

// accept stores a turn whose answer will be sent to a URL, and acknowledges it.
func accept(w http.ResponseWriter, r *http.Request, turns Runner, later job.Intake, in turn.Input, url string) error {
	take := func(once *idempotency.Change) (any, error) {
		return nil, later.Take(r.Context(), once, turns, in, callbackField, url)
	}
	return wire.Change(w, r, in.Caller, later, in.Once, take, func(any) wire.Answer { return accepted })
}
