package agentflow

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/stream"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// events is the teller that writes the surface's events.
type events struct {
	w   http.ResponseWriter
	sse *stream.SSE
}

type (
	statusEvent struct {
		State string `json:"state"`
		Tool  string `json:"tool,omitempty"`
	}
	blocksEvent struct {
		Blocks []json.RawMessage `json:"blocks"`
	}
	errorEvent struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	flowEvent struct {
		BalanceRemaining string `json:"balance_remaining"`
	}
)

func (s *events) Start(o turn.Opening) {
	announce(s.w, o)
	s.sse = stream.NewSSE(s.w)
	s.send("status", statusEvent{State: "thinking"})
}

func (s *events) Delta(text string) { s.send("message", text) }

// ToolCall writes nothing, because the tool runs at once.
func (s *events) ToolCall(model.ToolCall) {}

func (s *events) ToolRunning(c model.ToolCall) {
	s.send("status", statusEvent{State: "tool_start", Tool: c.Name})
}

func (s *events) ToolDone(u turn.ToolUse) {
	s.send("status", statusEvent{State: "tool_done", Tool: u.Name})
	if blocks := blocksOf(u); len(blocks) > 0 {
		s.send("ui_blocks", blocksEvent{Blocks: blocks})
	}
}

// Beat writes a comment and not a status event, so that a replayed stream has the same events.
func (s *events) Beat() { s.sse.Comment("keep-alive") }

// end writes the end of the turn, and the remaining balance as the last event. It returns an
// error that occurred before the stream began, which becomes an ordinary answer.
func (s *events) end(ctx context.Context, out turn.Outcome, err error) error {
	switch {
	case err == nil:
		s.send("done", answerOf(out.Turn))
	case s.sse == nil:
		return err
	default:
		e := fault.From(err)
		wire.Log(ctx, e)
		s.send("error", errorEvent{Error: forms[e.Code].Code, Message: e.Shown()})
	}
	s.send("flow_meta", flowEvent{BalanceRemaining: out.Available.String()})
	return nil
}

func (s *events) send(event string, data any) {
	// Nothing here can fail to encode: tools' arguments and blocks are JSON.
	if b, err := wire.Encode(data); err == nil {
		s.sse.Event(event, b)
	}
}
