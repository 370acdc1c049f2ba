package flexyagents

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

// lines is the turn.Sink that writes the surface's lines.
type lines struct {
	w      http.ResponseWriter
	ndjson *stream.NDJSON
}

type (
	startLine struct {
		Type     string `json:"type"`
		ID       string `json:"id"`
		ThreadID string `json:"thread_id"`
	}
	deltaLine struct {
		Type    string `json:"type"`
		Content string `json:"content"`
	}
	toolCallLine struct {
		Type      string          `json:"type"`
		ID        string          `json:"id"`
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	toolResultLine struct {
		Type   string `json:"type"`
		ID     string `json:"id"`
		Name   string `json:"name"`
		Result string `json:"result"`
	}
	doneLine struct {
		Type    string       `json:"type"`
		Message messageShape `json:"message"`
		Usage   usageShape   `json:"usage"`
	}
	errorLine struct {
		Type    string `json:"type"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
)

func (l *lines) Start(o turn.Opening) {
	wire.Announce(l.w, o)
	l.ndjson = stream.NewNDJSON(l.w)
	l.send(startLine{Type: "start", ID: o.TurnID, ThreadID: o.ThreadID})
}

func (l *lines) Delta(text string) { l.send(deltaLine{Type: "delta", Content: text}) }

func (l *lines) ToolCall(c model.ToolCall) {
	l.send(toolCallLine{Type: "tool_call", ID: c.ID, Name: c.Name, Arguments: c.Input})
}

func (*lines) ToolRunning(model.ToolCall) {}

func (l *lines) ToolDone(u turn.ToolUse) {
	l.send(toolResultLine{Type: "tool_result", ID: u.ID, Name: u.Name, Result: u.Result})
}

func (l *lines) Beat() { l.ndjson.Beat() }

// end writes the stream's last line. It returns an error that occurred before the stream began,
// which becomes an ordinary answer.
func (l *lines) end(ctx context.Context, t turn.Turn, err error) error {
	switch {
	case err == nil:
		l.send(doneLine{Type: "done", Message: shapeOfMessage(t), Usage: shapeOfUsage(t)})
	case l.ndjson == nil:
		return err
	default:
		e := fault.From(err)
		wire.Log(ctx, e)
		l.send(errorLine{Type: "error", Code: forms[e.Code].Code, Message: e.Shown()})
	}
	return nil
}

// Nothing that is sent can fail to encode: a provider's tool arguments are JSON.
func (l *lines) send(line any) { _ = l.ndjson.Line(line) }
