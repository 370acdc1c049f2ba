// Package turns brings a conversation into the strict form that providers
// require: the user begins, roles alternate, no turn is empty, and the next turn
// has the result of every tool call.
//
// Bedrock refuses anything else. OpenAI itself is lenient, but the chat
// templates of many open models are just as strict.
package turns

import (
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
)

// Turn holds the consecutive messages of one role. A turn with results has no
// texts and no images.
type Turn struct {
	Role    model.Role
	Texts   []string      // none is blank
	Images  []model.Image // only of the user
	Calls   []model.ToolCall
	Results []model.ToolResult
}

func (t Turn) empty() bool { return len(t.Texts)+len(t.Images)+len(t.Calls)+len(t.Results) == 0 }

// interlude is an assistant turn that Arrange inserts between tool results and a
// user text or image that follows them directly: both have the user's role, and one
// turn must not hold both.
const interlude = "(no answer)"

// Arrange returns the turns of a conversation. It drops what does not fit, such as
// the results of a call that was cut off at the front of a trimmed history.
func Arrange(messages []model.Message) []Turn {
	turns := merge(asTurns(messages))
	// A turn that pair emptied may leave neighbours of the same role, or an
	// assistant turn at the front. Removing those can break up another pair.
	for pair(turns) {
		turns = merge(turns)
	}
	return apart(turns)
}

// asTurns returns one turn for each message, without blank texts.
func asTurns(messages []model.Message) []Turn {
	turns := make([]Turn, 0, len(messages))
	for _, m := range messages {
		t := Turn{Role: m.Role, Calls: m.ToolCalls, Results: m.ToolResults}
		if strings.TrimSpace(m.Text) != "" {
			t.Texts = []string{m.Text}
		}
		if m.Role == model.User {
			t.Images = m.Images
		}
		turns = append(turns, t)
	}
	return turns
}

// merge joins neighbours of the same role. It drops empty turns, and assistant
// turns at the front.
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
			last.Images = slices.Concat(last.Images, t.Images)
			last.Calls = slices.Concat(last.Calls, t.Calls)
			last.Results = slices.Concat(last.Results, t.Results)
			continue
		}
		merged = append(merged, t)
	}
	return merged
}

// pair drops each call without a result in the next turn, and each result without
// a call in the turn before. It reports whether a turn became empty.
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
				delete(called, r.CallID) // one result for each call
				return !open
			})
		}
	}
	if len(turns) > 0 {
		turns[0].Results = nil // no turn before it has calls
	}
	return slices.ContainsFunc(turns, Turn.empty)
}

// apart splits a turn that has results beside texts or images into two.
func apart(turns []Turn) []Turn {
	var out []Turn
	for _, t := range turns {
		if len(t.Results) == 0 || len(t.Texts)+len(t.Images) == 0 {
			out = append(out, t)
			continue
		}
		out = append(out,
			Turn{Role: t.Role, Results: t.Results},
			Turn{Role: model.Assistant, Texts: []string{interlude}},
			Turn{Role: t.Role, Texts: t.Texts, Images: t.Images},
		)
	}
	return out
}
