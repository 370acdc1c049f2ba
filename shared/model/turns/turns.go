// Package turns brings a conversation into the strict shape that providers
// want: the user begins, roles alternate, nobody says nothing, and every tool
// call is answered by the very next turn.
//
// Bedrock refuses anything else. OpenAI itself is lenient, but the chat
// templates of many open models are just as strict.
package turns

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
)

// Turn is all that one side says before the other does. One with results has
// no texts.
type Turn struct {
	Role    model.Role
	Texts   []string // none is blank
	Calls   []model.ToolCall
	Results []model.ToolResult
}

func (t Turn) empty() bool { return len(t.Texts)+len(t.Calls)+len(t.Results) == 0 }

// interlude stands between tool results and a text that follows them without
// an answer, for both are the user's and may not share a turn.
const interlude = "(no answer)"

// Arrange returns the turns of a conversation. What does not fit is left out,
// such as the results of a call that fell off the front of a trimmed history.
func Arrange(messages []model.Message) []Turn {
	turns := merge(asTurns(messages))
	// A turn that pairing emptied leaves neighbours of the same role, and one at
	// the front leaves an assistant there, which may part another pair.
	for pair(turns) {
		turns = merge(turns)
	}
	return apart(turns)
}

// asTurns takes every message for a turn of its own, without its blank texts.
func asTurns(messages []model.Message) []Turn {
	turns := make([]Turn, 0, len(messages))
	for _, m := range messages {
		t := Turn{Role: m.Role, Calls: m.ToolCalls, Results: m.ToolResults}
		if strings.TrimSpace(m.Text) != "" {
			t.Texts = []string{m.Text}
		}
		turns = append(turns, t)
	}
	return turns
}

// merge joins neighbours of the same role, and drops empty turns and those of
// an assistant who speaks first.
func merge(turns []Turn) []Turn {
	var merged []Turn
	for _, t := range turns {
		if t.empty() {
			continue
		}
		if len(merged) == 0 && t.Role == model.Assistant {
			continue
		}
		if n := len(merged); n > 0 && merged[n-1].Role == t.Role {
			last := &merged[n-1]
			last.Texts = slices.Concat(last.Texts, t.Texts)
			last.Calls = slices.Concat(last.Calls, t.Calls)
			last.Results = slices.Concat(last.Results, t.Results)
			continue
		}
		merged = append(merged, t)
	}
	return merged
}

// pair drops calls that the next turn does not answer and results of anything
// but a call of the turn before. It reports whether that emptied a turn.
func pair(turns []Turn) bool {
	for i := range turns {
		answers := map[string]bool{}
		if i+1 < len(turns) {
			for _, r := range turns[i+1].Results {
				answers[r.CallID] = true
			}
		}
		var calls []model.ToolCall
		called := map[string]bool{}
		for _, c := range turns[i].Calls {
			if turns[i].Role == model.Assistant && answers[c.ID] && !called[c.ID] {
				calls = append(calls, c)
				called[c.ID] = true
			}
		}
		turns[i].Calls = calls
		if i+1 < len(turns) {
			turns[i+1].Results = slices.DeleteFunc(slices.Clone(turns[i+1].Results), func(r model.ToolResult) bool {
				open := called[r.CallID]
				delete(called, r.CallID) // one answer for each
				return !open
			})
		}
	}
	if len(turns) > 0 {
		turns[0].Results = nil // nothing was called before the first turn
	}
	return slices.ContainsFunc(turns, Turn.empty)
}

// apart gives texts that share a turn with results a turn of their own.
func apart(turns []Turn) []Turn {
	var out []Turn
	for _, t := range turns {
		if len(t.Results) == 0 || len(t.Texts) == 0 {
			out = append(out, t)
			continue
		}
		out = append(out,
			Turn{Role: t.Role, Results: t.Results},
			Turn{Role: model.Assistant, Texts: []string{interlude}},
			Turn{Role: t.Role, Texts: t.Texts},
		)
	}
	return out
}
