package turn

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// Sink hears what happens in a turn. Its methods are called one at a time. A
// client that went away is no reason to stop, so they return no error.
type Sink interface {
	Start(o Opening) // first of all: the turn is admitted and will be answered
	Delta(text string)
	ToolCall(call model.ToolCall)
	ToolRunning(call model.ToolCall)
	ToolDone(use ToolUse)
	Beat() // nothing has happened for a while
}

// Quiet is the sink of an answer in one piece: of what happens on the way the
// client hears nothing.
type Quiet struct{}

// Start says nothing.
func (Quiet) Start(Opening) {}

// Delta says nothing.
func (Quiet) Delta(string) {}

// ToolCall says nothing.
func (Quiet) ToolCall(model.ToolCall) {}

// ToolRunning says nothing.
func (Quiet) ToolRunning(model.ToolCall) {}

// ToolDone says nothing.
func (Quiet) ToolDone(ToolUse) {}

// Beat says nothing.
func (Quiet) Beat() {}

// Opening is what is known of a turn before its first word.
type Opening struct {
	TurnID    string
	ThreadID  string
	AgentID   string
	At        time.Time
	Available ledger.Credits // when the gate ran, before this turn's hold
	Hold      ledger.Credits
	Quotas    []fault.Quota // the rest of the caller's rates; empty for a replayed turn
	Replayed  bool          // an earlier request with the same key made this turn
}

// Toolbox is what an agent's model may call.
type Toolbox interface {
	Tools(ctx context.Context, live agent.Live) ([]model.Tool, error)
	// Call returns the tool's result as text; an error's text goes to the model.
	Call(ctx context.Context, live agent.Live, call model.ToolCall) (string, error)
}
