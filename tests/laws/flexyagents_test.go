package laws_test

import (
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The lines of FlexyAgents: one `start`, the answer, one `done` or `error`.

var flexyagentsRefusals = map[fault.Code]refusal{
	fault.ModelUnavailable: {503, "MODEL_UNAVAILABLE"}, fault.ModelRefused: {503, "MODEL_UNAVAILABLE"}, fault.Internal: {500, "INTERNAL_ERROR"},
}

func flexyagentsBody(stream bool) func(string, string) map[string]any {
	return func(text, threadID string) map[string]any {
		return map[string]any{"messages": []message{{"user", text}}, "thread_id": threadID, "stream": stream}
	}
}

var flexyagentsStream = surface{
	name: "flexyagents", function: "flexyagents-chat-create", path: chatPath("/api/agents/"), body: flexyagentsBody(true),
	read: readFlexyAgents, refusals: flexyagentsRefusals,
}

var flexyagentsWhole = surface{
	name: "flexyagents whole", function: "flexyagents-chat-create", whole: true, path: chatPath("/api/agents/"), body: flexyagentsBody(false),
	read: readFlexyAgentsWhole, refusals: flexyagentsRefusals,
}

var flexyagentsGrammar = grammar("start (delta |tool_call tool_result )*(done|error) ")

type flexyagentsUsage struct {
	Input   int         `json:"input_tokens"`
	Output  int         `json:"output_tokens"`
	Credits json.Number `json:"credits"`
}

// flexyagentsLine has the fields of all types of lines.
type flexyagentsLine struct {
	Type, ID, Name, Content, Code, Result string

	ThreadID  string `json:"thread_id"`
	Arguments json.RawMessage
	Message   json.RawMessage // an object in the last line, a string in an error
	Usage     flexyagentsUsage
}

func readFlexyAgents(a answer) (telling, error) {
	var t telling
	if a.status != http.StatusOK {
		return flexyagentsFailure(a)
	}
	lines, err := readLines(a.body)
	if err != nil {
		return t, err
	}
	if err := flexyagentsGrammar(lines); err != nil {
		return t, err
	}
	for _, line := range lines {
		d, err := decode[flexyagentsLine](line.data)
		if err != nil {
			return t, err
		}
		if err := t.addFlexyAgents(d); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *telling) addFlexyAgents(d flexyagentsLine) error {
	switch d.Type {
	case "start":
		t.threadID = d.ThreadID
	case "delta":
		t.steps = append(t.steps, step{text: d.Content})
	case "tool_call":
		t.steps = append(t.steps, step{tool: tool{id: d.ID, name: d.Name, arguments: compact(d.Arguments)}})
	case "tool_result":
		t.lastTool().result = d.Result
		return t.lastTool().is(d.ID, d.Name)
	case "done":
		m, err := decode[message](string(d.Message))
		t.content, t.credits = m.Content, d.Usage.Credits
		return err
	case "error":
		t.failure = d.Code
	}
	return nil
}

func flexyagentsFailure(a answer) (telling, error) {
	e, err := decode[struct {
		Error struct{ Code, Message string }
	}](a.body)
	return telling{failure: e.Error.Code}, err
}

func readFlexyAgentsWhole(a answer) (t telling, err error) {
	if a.status != http.StatusOK {
		return flexyagentsFailure(a)
	}
	var d struct {
		ThreadID string `json:"thread_id"`
		Message  message
		Usage    flexyagentsUsage
	}
	err = json.Unmarshal([]byte(a.body), &d)
	return telling{content: d.Message.Content, threadID: d.ThreadID, credits: d.Usage.Credits}, err
}
