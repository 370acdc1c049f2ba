package parity_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tmaxmax/go-sse"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/api/agentflow"
	"github.com/quintet-agents/quintet/shared/api/flapjack"
	"github.com/quintet-agents/quintet/shared/api/flexyagents"
	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/turn"
)

// surface is a vendor's chat.
type surface struct {
	name    string
	route   string
	path    string // with {agent} and {thread} to be filled in
	handler func(wire.Authenticator, *turn.Engine) http.Handler
	forms   []form
}

// form is a way to ask for an answer, and to read it.
type form struct {
	name     string
	body     string // with {thread} to be filled in
	streamed bool
	hear     func(*rapid.T, string) heard
	failed   func(status int, body string) bool
}

// heard is what an answer comes to for its reader.
type heard struct {
	pieces string   // the deltas, joined
	whole  string   // the text that the answer says is its own
	ends   []string // the names of what ends the stream, wherever it stands
	last   string   // the name of what stands last
}

var surfaces = []surface{
	{
		name: "AgentFlow", route: "/agents/{slug}/chat", path: "/agents/{agent}/chat",
		handler: func(auth wire.Authenticator, e *turn.Engine) http.Handler { return agentflow.ChatCreate(auth, e, "") },
		forms: []form{
			{name: "stream", body: `{"text":"hi","thread_id":"{thread}"}`, streamed: true, hear: hearAgentFlow, failed: isError},
			{
				name: "whole", body: `{"text":"hi","thread_id":"{thread}","stream":false}`, failed: isError,
				hear: func(t *rapid.T, body string) heard {
					var a struct{ Content, Text string }
					decode(t, body, &a)
					if a.Content != a.Text {
						t.Fatalf("content %q, text %q", a.Content, a.Text)
					}
					return heard{whole: a.Content}
				},
			},
		},
	},
	{
		name: "Flapjack", route: "/api/threads/{id}/messages", path: "/api/threads/{thread}/messages",
		handler: func(auth wire.Authenticator, e *turn.Engine) http.Handler { return flapjack.MessageCreate(auth, e) },
		forms:   []form{{name: "stream", body: `{"content":"hi"}`, streamed: true, hear: hearFlapjack, failed: isError}},
	},
	{
		name: "FlexyAgents", route: "/api/agents/{id}/chat", path: "/api/agents/{agent}/chat",
		handler: func(auth wire.Authenticator, e *turn.Engine) http.Handler { return flexyagents.ChatCreate(auth, e) },
		forms: []form{
			{
				name: "stream", body: `{"messages":[{"role":"user","content":"hi"}],"thread_id":"{thread}","stream":true}`, streamed: true,
				hear: hearFlexyAgents, failed: isError,
			},
			{
				name: "whole", body: `{"messages":[{"role":"user","content":"hi"}],"thread_id":"{thread}"}`, failed: isError,
				hear: func(t *rapid.T, body string) heard {
					var a struct{ Message struct{ Content string } }
					decode(t, body, &a)
					return heard{whole: a.Message.Content}
				},
			},
		},
	},
	{
		name: "FlowGent", route: "/api/public/agent/{agent_id}/chat", path: "/api/public/agent/{agent}/chat",
		handler: func(auth wire.Authenticator, e *turn.Engine) http.Handler { return flowgent.ChatCreate(auth, e) },
		forms: []form{{
			name: "whole", body: `{"messages":"hi","thread_id":"{thread}"}`,
			hear: func(t *rapid.T, body string) heard {
				var a struct {
					Body struct {
						History []struct{ Role, Content string } `json:"conversation_history"`
					}
				}
				decode(t, body, &a)
				if last := a.Body.History[len(a.Body.History)-1]; last.Role == "assistant" {
					return heard{whole: last.Content}
				}
				return heard{}
			},
			failed: func(status int, body string) bool {
				return status == http.StatusOK && strings.HasPrefix(body, `{"statusCode":500,`)
			},
		}},
	},
}

// isError tells a failure that comes under its own status.
func isError(status int, _ string) bool { return status >= http.StatusInternalServerError }

// hearAgentFlow reads AgentFlow's events; flow_meta follows whatever ends a turn.
func hearAgentFlow(t *rapid.T, body string) heard {
	h := hearEvents(t, body, func(h *heard, name, data string) {
		switch name {
		case "message":
			h.pieces += stringIn(t, data)
		case "done":
			var done struct{ Content, Text string }
			decode(t, data, &done)
			if done.Content != done.Text {
				t.Fatalf("content %q, text %q", done.Content, done.Text)
			}
			h.whole = done.Content
		}
	})
	if h.last != "flow_meta" {
		t.Fatalf("the last event is %s", h.last)
	}
	h.last = h.ends[len(h.ends)-1]
	return h
}

func hearFlapjack(t *rapid.T, body string) heard {
	return hearEvents(t, body, func(h *heard, name, data string) {
		var e struct{ Delta, Content string }
		switch name {
		case "token", "done":
			decode(t, data, &e)
			h.pieces += e.Delta
			h.whole = e.Content
		}
	})
}

// hearEvents reads server-sent events with a reader that nobody here wrote.
func hearEvents(t *rapid.T, body string, hear func(h *heard, name, data string)) heard {
	var h heard
	for e, err := range sse.Read(strings.NewReader(body), &sse.ReadConfig{MaxEventSize: 1 << 20}) {
		if err != nil {
			t.Fatalf("%v in %q", err, body)
		}
		h.add(e.Type)
		hear(&h, e.Type, e.Data)
	}
	return h
}

func hearFlexyAgents(t *rapid.T, body string) heard {
	var h heard
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\n"), "\n") {
		var l struct {
			Type, Content string
			Message       json.RawMessage
		}
		decode(t, line, &l)
		h.add(l.Type)
		if l.Type == "delta" {
			h.pieces += l.Content
		}
		if l.Type == "done" {
			var m struct{ Content string }
			decode(t, string(l.Message), &m)
			h.whole = m.Content
		}
	}
	return h
}

func (h *heard) add(name string) {
	h.last = name
	if slices.Contains([]string{"done", "error"}, name) {
		h.ends = append(h.ends, name)
	}
}

func stringIn(t *rapid.T, data string) string {
	var s string
	decode(t, data, &s)
	return s
}

func decode(t *rapid.T, text string, v any) {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
}
