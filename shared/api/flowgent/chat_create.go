package flowgent

import (
	"context"
	"errors"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Runner runs turns, and checks those that run later.
type Runner interface {
	turn.Runner
	job.Checker
}

// ChatCreate answers POST /api/public/agent/{agent_id}/chat with the thread and the agent's answer.
// If the body has a callback_url, it acknowledges the request, and the answer is sent to that URL
// later.
func ChatCreate(auth wire.Authenticator, turns Runner, later job.Intake) http.Handler {
	return wire.CORS(wire.Handle(writeChatError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		agent, err := agentID(r)
		if err != nil {
			return err
		}
		fields, err := body.Read(r)
		if err != nil {
			return err
		}
		q, err := questionOf(fields)
		if err != nil {
			return err
		}
		once, err := wire.Key(r, caller.OrgID, fields.Raw)
		if err != nil {
			return err
		}
		in := turn.Input{
			Caller: caller, Agent: agent, ThreadID: q.threadID, History: q.history, Text: q.text,
			Whole: true, Channel: "flowgent", Once: once,
		}
		if q.callback != "" {
			return accept(w, r, turns, later, in, q.callback)
		}
		out, err := turns.Run(r.Context(), in, whole{w: w})
		wire.MarkReplayed(w, out.Replayed)
		if err != nil {
			return endChat(r.Context(), w, out.AgentID, err)
		}
		return wire.JSON(w, http.StatusOK, answered(out))
	})))
}

// whole is the turn.Sink of a non-streamed answer.
type whole struct {
	turn.Quiet

	w http.ResponseWriter
}

// Start sets the headers that describe the turn.
func (s whole) Start(o turn.Opening) { wire.Announce(s.w, o) }

// endChat writes the envelope of an execution without an answer, or returns an error that has a
// real status. An interrupted turn is in the thread all the same.
func endChat(ctx context.Context, w http.ResponseWriter, agentID string, err error) error {
	if errors.Is(err, turn.ErrForgotten) {
		return errForgotten
	}
	e := fault.From(err)
	end, ok := endings[e.Code]
	if !ok {
		return e
	}
	wire.Log(ctx, e)
	wire.ShowQuotas(w, e.Details.Quotas)
	if end.status == http.StatusServiceUnavailable {
		// The HTTP status is 200, but clients wait because of the status in the body.
		wire.RetryAfter(w, e)
	}
	return wire.JSON(w, http.StatusOK, end.envelope(agentID))
}

var errForgotten = fault.New(fault.Conflict, "The answer to this Idempotency-Key was deleted with its thread")

// writeChatError writes an error that occurred before a chat's execution. An internal error has the
// form of a failed execution.
func writeChatError(w http.ResponseWriter, e *fault.Error) {
	if e.Code == fault.Internal {
		_ = wire.JSON(w, http.StatusOK, unexpected.envelope(""))
		return
	}
	WriteError(w, e)
}
