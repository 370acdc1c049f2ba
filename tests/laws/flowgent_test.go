package laws_test

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/fault"
)

// FlowGent does not stream, and answers a failure of the model under HTTP 200.

var flowgentWhole = surface{
	name: "flowgent", function: "flowgent-chat-create", whole: true, path: chatPath("/api/public/agent/"),
	body: func(text, threadID string) map[string]any {
		return map[string]any{"messages": text, "thread_id": threadID}
	},
	read: readFlowGent,
	refusals: map[fault.Code]refusal{
		fault.ModelUnavailable: {200, "503 AI provider is currently experiencing high traffic"},
		fault.ModelRefused:     {200, "500 An unexpected error occurred while processing your request"},
		fault.Internal:         {200, "500 An unexpected error occurred while processing your request"},
	},
}

func readFlowGent(a answer) (t telling, err error) {
	var d struct {
		StatusCode int
		Body       struct {
			Error    string
			History  []message `json:"conversation_history"`
			Metadata struct {
				ToolCalls map[string]struct {
					Name      string
					Arguments json.RawMessage
					Result    string
				} `json:"tool_calls"`
				UsedCredits json.Number `json:"used_credits"`
				ThreadID    string      `json:"thread_id"`
			}
		}
	}
	if a.status != http.StatusOK {
		e, err := decode[struct{ Error, Message string }](a.body)
		return telling{failure: e.Error}, err
	}
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		return t, err
	}
	if d.StatusCode != http.StatusOK {
		t.failure = fmt.Sprintf("%d %s", d.StatusCode, d.Body.Error)
		return t, nil
	}
	m := d.Body.Metadata
	t.history, t.credits, t.threadID, t.tools = d.Body.History, m.UsedCredits, m.ThreadID, []tool{}
	for i := range len(m.ToolCalls) {
		id := fmt.Sprintf("tooluse_%d", i+1)
		u := m.ToolCalls[id]
		t.tools = append(t.tools, tool{id: id, name: u.Name, arguments: compact(u.Arguments), result: u.Result})
	}
	if last := len(t.history) - 1; last >= 0 && t.history[last].Role == "assistant" {
		t.content = t.history[last].Content
	}
	return t, nil
}
