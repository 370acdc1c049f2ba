package flowgent

import (
	"context"
	"errors"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Callback is the job.Report of this surface: the body is exactly the answer of a synchronous call.
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

// ended returns the envelope of a chat without an answer. It has the status with which a
// synchronous call would have been refused.
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
