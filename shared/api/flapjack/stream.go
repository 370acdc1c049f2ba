package flapjack

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

// events is the turn.Sink that writes the surface's events.
type events struct {
	w   http.ResponseWriter
	sse *stream.SSE
}

type (
	metaEvent struct {
		StartedAt string `json:"startedAt"`
	}
	tokenEvent struct {
		Delta string `json:"delta"`
	}
	toolCallEvent struct {
		Tool toolShape `json:"tool"`
	}
	toolShape struct {
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	toolExecutingEvent struct {
		ToolName string `json:"tool_name"`
	}
	toolResultEvent struct {
		ToolName   string `json:"tool_name"`
		ToolCallID string `json:"tool_call_id"`
		Result     string `json:"result"`
	}
	doneEvent struct {
		OK        bool   `json:"ok"`
		MessageID string `json:"messageId"`
		Content   string `json:"content"`
	}
	errorEvent struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
)

func (s *events) Start(o turn.Opening) {
	wire.Announce(s.w, o)
	s.sse = stream.NewSSE(s.w)
	s.send("meta", metaEvent{StartedAt: wire.Date(o.At)})
}

func (s *events) Delta(text string) { s.send("token", tokenEvent{Delta: text}) }

func (s *events) ToolCall(c model.ToolCall) {
	s.send("tool_call", toolCallEvent{toolShape{ID: c.ID, Name: c.Name, Arguments: c.Input}})
}

func (s *events) ToolRunning(c model.ToolCall) {
	s.send("tool_executing", toolExecutingEvent{ToolName: c.Name})
}

func (s *events) ToolDone(u turn.ToolUse) {
	s.send("tool_result", toolResultEvent{ToolName: u.Name, ToolCallID: u.ID, Result: u.Result})
}

func (s *events) Beat() { s.sse.Comment("keep-alive") }

// end writes the stream's last event. It returns an error that occurred before the stream began,
// which becomes an ordinary answer.
func (s *events) end(ctx context.Context, t turn.Turn, err error) error {
	switch {
	case err == nil:
		answer := t.Messages()[1]
		s.send("done", doneEvent{OK: true, MessageID: answer.ID, Content: answer.Content})
	case s.sse == nil:
		return err
	default:
		e := fault.From(err)
		wire.Log(ctx, e)
		s.send("error", errorEvent{Code: forms[e.Code].Code, Detail: e.Shown()})
	}
	return nil
}

func (s *events) send(event string, data any) {
	// Nothing here can fail to encode: a provider's tool arguments are JSON.
	if b, err := wire.Encode(data); err == nil {
		s.sse.Event(event, b)
	}
}
