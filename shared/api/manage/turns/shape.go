// Package turns shows turns, those that run and those that have ended, and cancels the former.
package turns

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

type (
	// shape is a turn. What a running turn has not published yet is null.
	shape struct {
		ID        string       `json:"id"`
		ThreadID  *string      `json:"thread_id"`
		AgentID   *string      `json:"agent_id"`
		Channel   *string      `json:"channel"`
		Status    string       `json:"status"`
		StartedAt string       `json:"started_at"`
		SettledAt *string      `json:"settled_at"` // null while it runs
		Held      *json.Number `json:"held"`       // what it may cost at most; null when it has ended
		AsOf      *string      `json:"as_of"`      // of a running turn's usage and steps
		Usage     *usageShape  `json:"usage"`
		Failure   *failure     `json:"failure"` // null unless it failed
		Steps     []step       `json:"steps"`
	}
	usageShape struct {
		InputTokens  int         `json:"input_tokens"`
		OutputTokens int         `json:"output_tokens"`
		Credits      json.Number `json:"credits"`
		Estimated    bool        `json:"estimated"`
	}
	failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}

	// step is a part of a turn's work. Its type decides which fields it has.
	step struct {
		Type    string `json:"type"`
		AfterMS *int64 `json:"after_ms"` // from the turn's start; null if it was not recorded
		TookMS  *int64 `json:"took_ms"`

		Model        string       `json:"model,omitempty"`
		InputTokens  *int         `json:"input_tokens,omitempty"`
		OutputTokens *int         `json:"output_tokens,omitempty"`
		ID           string       `json:"id,omitempty"`
		Name         string       `json:"name,omitempty"`
		Failed       *bool        `json:"failed,omitempty"`
		Credits      *json.Number `json:"credits,omitempty"`
	}
)

func shapeOf(s turn.State) shape {
	t := s.Turn
	shown := shape{
		ID: t.ID, ThreadID: wire.Nullable(t.ThreadID), AgentID: wire.Nullable(t.AgentID), Channel: wire.Nullable(t.Channel),
		Status: string(s.Status()), StartedAt: wire.Date(t.StartedAt), AsOf: wire.NullableDate(s.At), Steps: []step{},
	}
	if s.Open {
		shown.Held = new(s.Held.Number())
	} else {
		shown.SettledAt = new(wire.Date(t.SettledAt))
	}
	if s.Open && s.At.IsZero() {
		return shown
	}
	shown.Usage = &usageShape{InputTokens: t.Usage.Input, OutputTokens: t.Usage.Output, Credits: t.Charge.Number(), Estimated: t.Estimated}
	if s.Status() == turn.Failed && t.Failure != nil {
		why := fault.Error{Code: fault.Code(t.Failure.Code), Message: t.Failure.Message}
		shown.Failure = &failure{Code: strings.ToUpper(t.Failure.Code), Message: why.Shown()}
	}
	shown.Steps = stepsOf(s)
	return shown
}

// stepsOf returns a turn's steps in order. A turn without tools has recorded no calls of the model: it
// made one, which has all of its usage.
func stepsOf(s turn.State) []step {
	t := s.Turn
	all := []step{{Type: "admission", AfterMS: new(int64(0)), TookMS: nil}}
	calls, tools := t.Calls, t.Tools
	if len(calls) == 0 && !s.Open && t.Usage.Input+t.Usage.Output > 0 {
		all = append(all, modelStep(t.Model, turn.Call{Usage: t.Usage}, false))
	}
	for _, c := range calls {
		all = append(all, modelStep(t.Model, c, true))
		n := min(c.Tools, len(tools))
		for _, u := range tools[:n] {
			all = append(all, toolStep(u))
		}
		tools = tools[n:]
	}
	for _, u := range tools { // more than the store keeps calls for
		all = append(all, toolStep(u))
	}
	if !s.Open {
		all = append(all, step{Type: "settlement", AfterMS: ms(t.SettledAt.Sub(t.StartedAt)), Credits: new(t.Charge.Number())})
	}
	return all
}

func modelStep(name string, c turn.Call, timed bool) step {
	s := step{Type: "model", Model: name, InputTokens: &c.Usage.Input, OutputTokens: &c.Usage.Output}
	if timed {
		s.AfterMS, s.TookMS = ms(c.After), ms(c.Took)
	}
	return s
}

func toolStep(u turn.ToolUse) step {
	return step{Type: "tool", AfterMS: ms(u.After), TookMS: ms(u.Took), ID: u.ID, Name: u.Name, Failed: &u.Failed}
}

func ms(d time.Duration) *int64 { return new(max(0, d.Milliseconds())) }
