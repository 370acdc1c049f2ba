package turn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

const (
	maxRounds     = agent.MaxRounds // of tool calls in one turn
	maxToolTime   = 10 * time.Second
	maxToolResult = 64 << 10 // bytes
	maxFailures   = 3        // of identical calls in one turn
)

// useTools runs the calls of one round in order and returns their results. It stops when ctx
// ends.
func (e *Engine) useTools(ctx context.Context, a *admitted, calls []model.ToolCall, r *reply, s *steady) []model.ToolResult {
	r.tellApart(calls)
	results := make([]model.ToolResult, 0, len(calls))
	for i, call := range calls {
		if ctx.Err() != nil {
			break
		}
		s.toolCall(call)
		s.toolRunning(call)
		began := e.Now()
		use, known := r.known(call, r.cut && i == len(calls)-1)
		if !known {
			use = e.useTool(ctx, a, call)
		}
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

// known returns the outcome of a call that is not made: its arguments are malformed or may be
// incomplete, the same call has succeeded in this turn, or it has failed too often.
func (r *reply) known(call model.ToolCall, cut bool) (ToolUse, bool) {
	use := ToolUse{ID: call.ID, Name: call.Name, Input: call.Input, Failed: true}
	if call.Malformed {
		use.Result = "The call was not made, because its arguments are not a JSON object"
		return use, true
	}
	if cut && string(call.Input) == "{}" {
		use.Result = "The call was not made: the output limit was reached before its arguments were complete"
		return use, true
	}
	failed := 0
	for _, before := range r.tools {
		switch {
		case before.Name != call.Name || !sameJSON(before.Input, call.Input):
		case !before.Failed:
			use.Result, use.Failed = before.Result, false
			return use, true
		default:
			failed++
			use.Result = before.Result
		}
	}
	if failed < maxFailures {
		return use, false
	}
	const again = "This call has failed with the same arguments before and was not made again. "
	use.Result = again + strings.TrimPrefix(use.Result, again)
	return use, true
}

// sameJSON reports whether two texts are the same JSON value.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	canonical := func(text json.RawMessage) ([]byte, error) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		return json.Marshal(v) // sorts the names
	}
	x, err := canonical(a)
	if err != nil {
		return false
	}
	y, err := canonical(b)
	return err == nil && bytes.Equal(x, y)
}

func (e *Engine) useTool(ctx context.Context, a *admitted, call model.ToolCall) ToolUse {
	use := ToolUse{ID: call.ID, Name: call.Name, Input: call.Input}
	if e.Toolbox == nil {
		use.Result, use.Failed = "unknown tool: "+call.Name, true
		return use
	}
	limited, cancel := context.WithTimeout(ctx, maxToolTime)
	defer cancel()
	result, err := e.Toolbox.Call(limited, a.live, a.turn.ID, call)
	switch {
	case errors.Is(context.Cause(ctx), ErrCancelled):
		use.Result, use.Failed = ErrCancelled.Message, true
	case errors.Is(context.Cause(ctx), errTime):
		use.Result, use.Failed = fault.From(a.tooSlow()).Message, true
	case err != nil && fault.Is(err, fault.Internal) && limited.Err() != nil, err == nil && limited.Err() != nil:
		use.Result, use.Failed = "the tool did not answer in time", true
	case err != nil:
		use.Result, use.Failed = clip.Text(fault.From(err).Message, maxToolResult), true
	default:
		use.Result = clip.Text(result, maxToolResult)
	}
	return use
}
