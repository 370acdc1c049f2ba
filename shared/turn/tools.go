package turn

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

const (
	maxRounds     = 8 // of tool calls in one turn
	maxToolTime   = 10 * time.Second
	maxToolResult = 64 << 10 // bytes
)

// useTools runs the calls of one round in order and returns their results. It stops when ctx
// ends.
func (e *Engine) useTools(ctx context.Context, live agent.Live, calls []model.ToolCall, r *reply, s *steady) []model.ToolResult {
	r.tellApart(calls)
	results := make([]model.ToolResult, 0, len(calls))
	for _, call := range calls {
		if ctx.Err() != nil {
			break
		}
		s.toolCall(call)
		s.toolRunning(call)
		began := e.Now()
		use := e.useTool(ctx, live, call)
		use.After, use.Took = began.Sub(r.started), e.Now().Sub(began)
		s.toolDone(use)
		r.tools = append(r.tools, use)
		r.progress.used(use)
		r.steps.tool()
		results = append(results, model.ToolResult{CallID: call.ID, Text: use.Result, Failed: use.Failed})
	}
	return results
}

// tellApart renames calls whose id was used earlier in the turn: some servers restart
// their numbering with each answer, and clients identify a call by its id.
func (r *reply) tellApart(calls []model.ToolCall) {
	used := map[string]bool{}
	for _, use := range r.tools {
		used[use.ID] = true
	}
	for i := range calls {
		if used[calls[i].ID] {
			calls[i].ID = "call_" + uuid.NewString()
		}
		used[calls[i].ID] = true
	}
}

func (e *Engine) useTool(ctx context.Context, live agent.Live, call model.ToolCall) ToolUse {
	use := ToolUse{ID: call.ID, Name: call.Name, Input: call.Input}
	if e.Toolbox == nil {
		use.Result, use.Failed = "unknown tool: "+call.Name, true
		return use
	}
	limited, cancel := context.WithTimeout(ctx, maxToolTime)
	defer cancel()
	result, err := e.Toolbox.Call(limited, live, call)
	switch {
	case errors.Is(context.Cause(ctx), ErrCancelled):
		use.Result, use.Failed = ErrCancelled.Message, true
	case limited.Err() != nil:
		use.Result, use.Failed = "the tool did not answer in time", true
	case err != nil:
		use.Result, use.Failed = fault.From(err).Message, true
	default:
		use.Result = clip.Text(result, maxToolResult)
	}
	return use
}
