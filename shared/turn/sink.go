package turn

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// Sink receives the events of a turn, one call at a time. Its methods return no error,
// because a client's disconnect does not stop the turn.
type Sink interface {
	Start(o Opening) // called first: the turn is admitted and will be answered
	Delta(text string)
	ToolCall(call model.ToolCall)
	ToolRunning(call model.ToolCall)
	ToolDone(use ToolUse)
	Beat() // heartbeat during a silence
}

// Quiet is an embeddable sink for non-streamed answers: it ignores all events.
type Quiet struct{}

// Start ignores the event.
func (Quiet) Start(Opening) {}

// Delta ignores the event.
func (Quiet) Delta(string) {}

// ToolCall ignores the event.
func (Quiet) ToolCall(model.ToolCall) {}

// ToolRunning ignores the event.
func (Quiet) ToolRunning(model.ToolCall) {}

// ToolDone ignores the event.
func (Quiet) ToolDone(ToolUse) {}

// Beat ignores the event.
func (Quiet) Beat() {}

// Opening has the facts that a client may receive at a turn's start.
type Opening struct {
	TurnID    string
	ThreadID  string
	AgentID   string
	At        time.Time
	Available ledger.Credits // at admission, before this turn's hold
	Hold      ledger.Credits
	Quotas    []fault.Quota // the rest of the caller's rates; empty for a replayed turn
	Replayed  bool          // an earlier request with the same key ran this turn
}

// Toolbox provides the tools that an agent's model may call.
type Toolbox interface {
	Tools(ctx context.Context, live agent.Live) ([]model.Tool, error)

	// Call calls a tool for a turn and returns its result as text; an error's text goes to
	// the model.
	Call(ctx context.Context, live agent.Live, turnID string, call model.ToolCall) (string, error)
}
