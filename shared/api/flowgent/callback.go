package flowgent

import (
	"context"
	"errors"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Callback is the job.Report of this surface: the body is exactly what the call
// would have been answered.
func Callback(ctx context.Context, out turn.Outcome, err error) ([]byte, error) {
	return wire.Encode(callbackOf(ctx, out, err))
}

func callbackOf(ctx context.Context, out turn.Outcome, err error) envelope {
	switch {
	case err == nil:
		return answered(out)
	case errors.Is(err, job.ErrGaveUp):
		return unexpected.envelope("")
	}
	wire.Log(ctx, fault.From(err))
	return ended(out.AgentID, err)
}

// ended is the envelope of a chat that did not come to an answer. What a call
// would have been refused with has its own status in it.
func ended(agentID string, err error) envelope {
	if errors.Is(err, turn.ErrForgotten) {
		err = errForgotten
	}
	e := fault.From(err)
	if end, ok := endings[e.Code]; ok {
		return end.envelope(agentID)
	}
	return envelope{StatusCode: forms[e.Code].status, Body: failureOf(e)}
}
