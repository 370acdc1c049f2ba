package hostile_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// obedient is an OpenAI-compatible server whose model does what any text tells it to: in
// messages, in results and in the descriptions of tools. [[obey 7]] is the instruction to make
// the calls of script 7. Afterwards it repeats the beginning and the end of each text that it
// was given. It keeps within its output limit, and reports a token for four bytes.
type obedient struct {
	scripts map[int][]call

	mu    sync.Mutex
	chats map[string]*chat // by the mark in the user's text
}

// call is a call of a tool.
type call struct{ name, arguments string }

// forever is the script of a model that never stops calling a tool, and offered that of one that
// stops when no tools are offered.
const forever, offered = 0, 100

// chat is what the model has seen of one chat, over all of its requests.
type chat struct {
	requests []string
	usage    model.Usage
	results  map[string]string // by the id of the call
	obeyed   map[int]bool
}

// prompt has the relevant fields of a request.
type prompt struct {
	Stream    bool `json:"stream"`
	MaxTokens int  `json:"max_tokens"`
	Messages  []struct {
		Role       string          `json:"role"`
		Content    json.RawMessage `json:"content"`
		ToolCallID string          `json:"tool_call_id"`
	} `json:"messages"`
}

var (
	instruction = regexp.MustCompile(`\[\[obey ([0-9]+)\]\]`)
	obeyed      = regexp.MustCompile(`"obey_([0-9]+)_[0-9]+"`)
	markOf      = regexp.MustCompile(`mark-[a-z0-9-]+`)
)

func obey(script int) string { return fmt.Sprintf("[[obey %d]]", script) }

// callID returns the id of a script's call.
func callID(script, i int) string { return fmt.Sprintf("obey_%d_%d", script, i) }

func (m *obedient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var p prompt
	if err != nil || json.Unmarshal(body, &p) != nil || len(p.Messages) == 0 {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	calls, text := m.answer(string(body), p)
	reply := map[string]any{"role": "assistant"}
	size, stop := len(text), "stop"
	if len(calls) == 0 {
		reply["content"] = text
	} else {
		reply["tool_calls"], size, stop = calls, 0, "tool_calls"
		for _, c := range calls {
			size += len(c.Function.Name) + len(c.Function.Arguments)
		}
	}
	used := model.Usage{Input: len(body)/8 + 1, Output: size/4 + 1}
	m.count(p.mark(), used)
	usage := map[string]int{"prompt_tokens": used.Input, "completion_tokens": used.Output, "total_tokens": used.Input + used.Output}
	send := func(v any) { text, _ := json.Marshal(v); _, _ = fmt.Fprintf(w, "data: %s\n\n", text) }
	if !p.Stream {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"index": 0, "message": reply, "finish_reason": stop}}, "usage": usage})
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	send(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": reply}}})
	send(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": stop}}})
	send(map[string]any{"choices": []any{}, "usage": usage})
	_, _ = io.WriteString(w, "data: [DONE]\n\n")
}

// toolCall is a call on the wire.
type toolCall struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// answer returns the calls that the texts of a request ask for and that were not made yet, or
// the model's words.
func (m *obedient) answer(body string, p prompt) ([]toolCall, string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.chats[p.mark()]
	if c == nil {
		c = &chat{results: map[string]string{}, obeyed: map[int]bool{}}
		m.chats[p.mark()] = c
	}
	c.requests = append(c.requests, body)
	for _, message := range p.Messages {
		if message.Role == "tool" {
			c.results[message.ToolCallID] = textOf(message.Content)
		}
	}
	done := map[int]bool{}
	for _, found := range obeyed.FindAllStringSubmatch(body, -1) {
		n, _ := strconv.Atoi(found[1])
		done[n] = true
	}
	var calls []toolCall
	add := func(script, i int, one call) {
		t := toolCall{Index: len(calls), ID: callID(script, i), Type: "function"}
		t.Function.Name, t.Function.Arguments = one.name, one.arguments
		calls = append(calls, t)
	}
	for _, found := range instruction.FindAllStringSubmatch(body, -1) {
		script, _ := strconv.Atoi(found[1])
		switch {
		case script == forever || script == offered:
			for _, one := range m.scripts[forever] {
				if script == forever || strings.Contains(body, `"tools":[`) {
					add(script, len(c.requests), call{one.name, fmt.Sprintf(one.arguments, len(c.requests))})
				}
			}
		case !done[script]:
			done[script] = true
			for i, one := range m.scripts[script] {
				add(script, i, one)
			}
		}
		c.obeyed[script] = true
	}
	var all []string
	for _, message := range p.Messages {
		text := textOf(message.Content)
		if len(text) > 1000 {
			text = strings.ToValidUTF8(text[:500], "") + " ... " + strings.ToValidUTF8(text[len(text)-500:], "")
		}
		all = append(all, message.Role+": "+instruction.ReplaceAllString(text, "(obeyed $1)"))
	}
	text := "I was told: " + strings.Join(all, "\n")
	return calls, strings.ToValidUTF8(text[:min(len(text), 3*p.MaxTokens)], "")
}

func (m *obedient) count(mark string, used model.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.chats[mark]
	c.usage.Input += used.Input
	c.usage.Output += used.Output
}

// of returns what the model has seen of a chat.
func (m *obedient) of(mark string) chat {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.chats[mark]; c != nil {
		return chat{requests: slices.Clone(c.requests), usage: c.usage, results: c.results, obeyed: c.obeyed}
	}
	return chat{}
}

// price returns what the model has produced in a chat costs.
func (m *obedient) price(mark string) ledger.Credits {
	return ledger.DefaultPrices.Charge(m.of(mark).usage)
}

// requests returns all requests that the model got.
func (m *obedient) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, c := range m.chats {
		all = append(all, c.requests...)
	}
	return all
}

// mark returns the mark of the chat, from the latest message of the user.
func (p prompt) mark() string {
	for _, message := range slices.Backward(p.Messages) {
		if message.Role == "user" {
			if all := markOf.FindAllString(textOf(message.Content), -1); len(all) > 0 {
				return all[len(all)-1]
			}
		}
	}
	return ""
}

// textOf returns a content's text: of a string, or of the parts of a list.
func textOf(content json.RawMessage) string {
	var text string
	if json.Unmarshal(content, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	_ = json.Unmarshal(content, &parts)
	for _, part := range parts {
		text += part.Text
	}
	return text
}
