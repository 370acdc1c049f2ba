package providers_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// surface is one way to chat, in one form.
type surface struct {
	name   string
	stream bool
	path   string // %s is the agent's slug, or Flapjack's thread
	body   func(text, threadID string) any
	read   func(status int, body string) (telling, error)
	codes  map[fault.Code]ending
}

// ending is how a surface reports an error: a status, and a code that is also used in streams.
type ending struct {
	status int
	code   string
}

// telling is the content of a client's answer, in a form common to all surfaces.
type telling struct {
	status int
	pieces []string // of a stream
	text   string   // the whole text, from the last event or the body
	code   string   // of an error
}

func surfaces() []surface {
	agentflow := map[fault.Code]ending{fault.ModelUnavailable: {503, "model_unavailable"}, fault.ModelRefused: {502, "auto_redeploy_failed"}, fault.Internal: {500, "internal_error"}, fault.Invalid: {400, "invalid_request"}}
	flexyagents := map[fault.Code]ending{fault.ModelUnavailable: {503, "MODEL_UNAVAILABLE"}, fault.ModelRefused: {503, "MODEL_UNAVAILABLE"}, fault.Internal: {500, "INTERNAL_ERROR"}, fault.Invalid: {400, "INVALID_REQUEST"}}
	flapjack := map[fault.Code]ending{fault.ModelUnavailable: {503, "MODEL_UNAVAILABLE"}, fault.ModelRefused: {503, "MODEL_UNAVAILABLE"}, fault.Internal: {500, "INTERNAL_ERROR"}, fault.Invalid: {422, "VALIDATION_ERROR"}}
	const unexpected = "An unexpected error occurred while processing your request"
	flowgent := map[fault.Code]ending{fault.ModelUnavailable: {200, "503 AI provider is currently experiencing high traffic"}, fault.ModelRefused: {200, "500 " + unexpected}, fault.Internal: {200, "500 " + unexpected}, fault.Invalid: {400, "Invalid request"}}
	type user struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	return []surface{
		{"flapjack", true, "/api/threads/%s/messages", func(text, _ string) any { return map[string]any{"content": text} }, readEvents, flapjack},
		{"agentflow", true, "/agents/%s/chat", func(text, thread string) any { return map[string]any{"text": text, "thread_id": thread} }, readEvents, agentflow},
		{"agentflow whole", false, "/agents/%s/chat", func(text, thread string) any {
			return map[string]any{"text": text, "thread_id": thread, "stream": false}
		}, readWhole, agentflow},
		{"flexyagents", true, "/api/agents/%s/chat", func(text, thread string) any {
			return map[string]any{"messages": []user{{"user", text}}, "thread_id": thread, "stream": true}
		}, readLines, flexyagents},
		{"flexyagents whole", false, "/api/agents/%s/chat", func(text, thread string) any {
			return map[string]any{"messages": []user{{"user", text}}, "thread_id": thread}
		}, readWhole, flexyagents},
		{"flowgent", false, "/api/public/agent/%s/chat", func(text, thread string) any { return map[string]any{"messages": text, "thread_id": thread} }, readFlowGent, flowgent},
	}
}

// readEvents reads Flapjack's and AgentFlow's events.
func readEvents(status int, body string) (telling, error) {
	if status != http.StatusOK {
		return readFailure(status, body)
	}
	t := telling{status: status}
	name := ""
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		var err error
		switch field {
		case "event":
			name = value
		case "data":
			err = t.event(name, []byte(value))
		}
		if err != nil {
			return t, err
		}
	}
	return t, lines.Err()
}

func (t *telling) event(name string, data []byte) error {
	var d struct{ Delta, Content, Error, Code string }
	switch name {
	case "message":
		if err := json.Unmarshal(data, &d.Delta); err != nil {
			return err
		}
		t.pieces = append(t.pieces, d.Delta)
		return nil
	case "token", "done", "error":
	default:
		return nil
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	switch name {
	case "token":
		t.pieces = append(t.pieces, d.Delta)
	case "done":
		t.text = d.Content
	case "error":
		t.code = d.Code
		if t.code == "" {
			t.code = d.Error
		}
	}
	return nil
}

// readLines reads FlexyAgents' lines.
func readLines(status int, body string) (telling, error) {
	if status != http.StatusOK {
		return readFailure(status, body)
	}
	t := telling{status: status}
	for lines := json.NewDecoder(strings.NewReader(body)); lines.More(); {
		var d struct {
			Type, Content, Code string
			Message             json.RawMessage
		}
		if err := lines.Decode(&d); err != nil {
			return t, err
		}
		switch d.Type {
		case "delta":
			t.pieces = append(t.pieces, d.Content)
		case "done":
			var m struct{ Content string }
			if err := json.Unmarshal(d.Message, &m); err != nil {
				return t, err
			}
			t.text = m.Content
		case "error":
			t.code = d.Code
		}
	}
	return t, nil
}

// readWhole reads AgentFlow's and FlexyAgents' whole answers.
func readWhole(status int, body string) (telling, error) {
	if status != http.StatusOK {
		return readFailure(status, body)
	}
	var d struct {
		Content string
		Message struct{ Content string }
	}
	err := json.Unmarshal([]byte(body), &d)
	return telling{status: status, text: d.Content + d.Message.Content}, err
}

// readFailure reads the body of an error.
func readFailure(status int, body string) (telling, error) {
	var d struct{ Error json.RawMessage }
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return telling{}, fmt.Errorf("%w in %d %s", err, status, body)
	}
	t := telling{status: status}
	var f struct{ Code string }
	if json.Unmarshal(d.Error, &t.code) != nil && json.Unmarshal(d.Error, &f) == nil {
		t.code = f.Code
	}
	return t, nil
}

// readFlowGent reads FlowGent's envelope.
func readFlowGent(status int, body string) (telling, error) {
	if status != http.StatusOK {
		return readFailure(status, body)
	}
	var d struct {
		StatusCode int
		Body       struct {
			Error   string
			History []struct{ Role, Content string } `json:"conversation_history"`
		}
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return telling{}, err
	}
	t := telling{status: status}
	if d.StatusCode != http.StatusOK {
		t.code = fmt.Sprintf("%d %s", d.StatusCode, d.Body.Error)
		return t, nil
	}
	if last := len(d.Body.History) - 1; last >= 0 && d.Body.History[last].Role == "assistant" {
		t.text = d.Body.History[last].Content
	}
	return t, nil
}
