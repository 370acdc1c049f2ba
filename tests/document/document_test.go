package document_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/tests/document"
)

const (
	agentID  = "0199e1f2-6c1a-7d3e-9a44-2f8f5c0b7e10"
	threadID = agentID + ".0199e1f3-0b52-7c07-8d1f-6a4f2d9e3c55"
	agents   = `[{"id":"` + agentID + `","name":"a","description":null,"default_model":"m","temperature":0.7,"created_at":"2026-05-04T09:12:30Z"}]`
	detail   = `{"success":true,"data":{"id":"` + agentID + `","slug":"a-457c1d","name":"a","description":"b","created_at":"2026-05-04T09:12:30Z","updated_at":"2026-05-04T09:12:30Z",` +
		`"deployed_version":{"id":"v-4f2d9e3c5501","version_label":"v1.0","instructions":"c"},"versions":[{"id":"v-4f2d9e3c5501","version_label":"v1.0","deployment_status":"deployed","created_at":"2026-05-04T09:12:30Z"}]}}`
	stream = "event: meta\ndata: {\"startedAt\":\"2026-05-04T09:13:12Z\"}\n\n: keep-alive\n\n" +
		"event: tool_call\ndata: {\"tool\":{\"id\":\"a\",\"name\":\"b\",\"arguments\":{\"c\":[1]}}}\n\n" +
		"event: done\ndata: {\"ok\":true,\"messageId\":\"msg-1796004555894571b-" + agentID + "\",\"content\":\"hi\"}\n\n"
)

// streams are answers of each streamed type, with the JSON path of their items.
var streams = map[string]struct {
	of   func() sample
	data string
}{"Flapjack's events": {chat, "data: "}, "AgentFlow's events": {flow, "data: "}, "FlexyAgents' lines": {lines, ""}}

// sample is a valid exchange, until a test changes it.
type sample struct {
	method, path, sent string
	status             int
	header             http.Header
	body               string
}

func list() sample {
	return sample{method: "GET", path: "/api/agents?x=1", status: 200, header: jsonHeader(), body: agents}
}

func read() sample {
	return sample{method: "GET", path: "/v1/agents/" + agentID, status: 200, header: jsonHeader(), body: detail}
}

func chat() sample {
	h := http.Header{}
	for name, value := range map[string]string{
		"Content-Type": "text/event-stream; charset=utf-8", "X-Request-Id": "x", "Access-Control-Allow-Origin": "*",
		"Access-Control-Expose-Headers": "X-Request-Id", "Cache-Control": "no-cache", "X-Accel-Buffering": "no",
	} {
		h.Set(name, value)
	}
	return sample{method: "POST", path: "/api/threads/" + threadID + "/messages", sent: `{"content":"hi","unknown":1}`, status: 200, header: h, body: stream}
}

func flow() sample {
	s := chat()
	s.path, s.sent = "/agents/a-457c1d/chat", `{"text":"hi","unknown":1}`
	s.header.Set("X-Flow-Balance", "1.000")
	s.header.Set("X-Flow-Precharge", "0.500")
	s.body = "event: status\ndata: {\"state\":\"thinking\"}\n\nevent: status\ndata: {\"state\":\"tool_done\",\"tool\":\"a\"}\n\n" +
		"event: message\ndata: \"hi\"\n\n: keep-alive\n\n" +
		"event: done\ndata: {\"content\":\"hi\",\"text\":\"hi\",\"tools\":[{\"name\":\"a\",\"arguments\":{},\"result\":\"b\"}],\"thread_id\":\"t\"}\n\n" +
		"event: flow_meta\ndata: {\"balance_remaining\":\"0.998\"}\n\n"
	return s
}

func lines() sample {
	s := chat()
	s.path, s.sent = "/api/agents/a/chat", `{"messages":[{"role":"user","content":"hi"}],"stream":true}`
	s.header.Set("Content-Type", "application/x-ndjson")
	s.body = `{"type":"start","id":"` + agentID + `","thread_id":"t"}` + "\n" + `{"type":"delta","content":"hi"}` + "\n " +
		`{"type":"tool_call","id":"a","name":"b","arguments":{"c":1}}` + "\n" + `{"type":"tool_result","id":"a","name":"b","result":"c"}` + "\n" +
		`{"type":"done","message":{"role":"assistant","content":"hi"},"usage":{"input_tokens":1,"output_tokens":2,"credits":0.0001}}` + "\n"
	return s
}

func refusal() sample {
	return sample{method: "POST", path: "/api/threads/%00/messages", sent: "\x00", status: 401, header: jsonHeader(), body: `{"error":"UNAUTHORIZED","detail":"who are you?"}`}
}

func busy() sample {
	s := refusal()
	s.status, s.body = 503, `{"error":"MODEL_UNAVAILABLE","detail":"later"}`
	s.header.Set("Retry-After", "60")
	return s
}

func nowhere() sample {
	return sample{method: "PUT", path: "/api/agents", status: 404, header: jsonHeader(), body: `{"error":"not_found"}`}
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"x"}}
}

func (s sample) check(t *testing.T) error {
	t.Helper()
	d, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d.Check(document.Exchange{
		Request: httptest.NewRequest(s.method, s.path, nil), Sent: []byte(s.sent),
		Status: s.status, Header: s.header, Body: []byte(s.body),
	})
}

func TestCheck_Valid(t *testing.T) {
	for name, s := range map[string]sample{
		"list": list(), "read": read(), "chat": chat(), "flow": flow(), "lines": lines(), "refusal": refusal(), "busy": busy(), "nowhere": nowhere(),
		"delete": {method: "DELETE", path: "/api/threads/" + threadID, status: 204, header: http.Header{"X-Request-Id": {"x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.check(t); err != nil {
				t.Error(err)
			}
		})
	}
}

// The check must refuse invalid exchanges.
func TestCheck_Invalid(t *testing.T) {
	for name, c := range map[string]struct {
		of     func() sample
		change func(*sample)
	}{
		"an unknown status":                 {list, func(s *sample) { s.status = 204 }},
		"another media type":                {list, func(s *sample) { s.header.Set("Content-Type", "text/plain") }},
		"no request id":                     {list, func(s *sample) { s.header.Del("X-Request-Id") }},
		"an empty request id":               {list, func(s *sample) { s.header.Set("X-Request-Id", "") }},
		"an unknown header":                 {list, func(s *sample) { s.header.Set("X-Flow-Balance", "1.000") }},
		"no body":                           {list, func(s *sample) { s.body = "" }},
		"not JSON":                          {list, func(s *sample) { s.body += "]" }},
		"a code of another status":          {refusal, func(s *sample) { s.body = strings.Replace(s.body, "UNAUTHORIZED", "FORBIDDEN", 1) }},
		"an error as a success":             {refusal, func(s *sample) { s.path, s.status = "/api/threads", 201 }},
		"no Retry-After":                    {busy, func(s *sample) { s.header.Del("Retry-After") }},
		"an invalid Retry-After":            {busy, func(s *sample) { s.header.Set("Retry-After", "soon") }},
		"a Retry-After of 0":                {busy, func(s *sample) { s.header.Set("Retry-After", "0") }},
		"a body of a 204":                   {list, func(s *sample) { s.method, s.path, s.status, s.body = "DELETE", "/api/threads/a", 204, "{}" }},
		"an unknown route":                  {list, func(s *sample) { s.path = "/api/nothing" }},
		"an unknown method":                 {list, func(s *sample) { s.method = "PUT" }},
		"another error form":                {nowhere, func(s *sample) { s.body = `{"error":"not_found","detail":"x"}` }},
		"a parameter out of range":          {list, func(s *sample) { s.path, s.body = "/api/threads?limit=0", "[]" }},
		"a parameter that is not a number":  {list, func(s *sample) { s.path, s.body = "/api/threads?limit=x", "[]" }},
		"a path without a UUID":             {read, func(s *sample) { s.path = "/v1/agents/a" }},
		"a request without its field":       {chat, func(s *sample) { s.sent = `{}` }},
		"a request of another type":         {chat, func(s *sample) { s.sent = `{"content":7}` }},
		"a blank request":                   {chat, func(s *sample) { s.sent = `{"content":" \n"}` }},
		"a request without text parts":      {chat, func(s *sample) { s.sent = `{"content":[{"type":"image"}]}` }},
		"an empty request":                  {chat, func(s *sample) { s.sent = `` }},
		"an unknown event":                  {chat, func(s *sample) { s.body = strings.Replace(s.body, "tool_call", "tool_calls", 1) }},
		"an event without a name":           {chat, func(s *sample) { s.body = strings.Replace(s.body, "event: done\n", "", 1) }},
		"an event without data":             {chat, func(s *sample) { s.body += "event: done\n\n" }},
		"data of another event":             {chat, func(s *sample) { s.body = strings.Replace(s.body, "event: done", "event: token", 1) }},
		"data that are not JSON":            {chat, func(s *sample) { s.body = strings.Replace(s.body, `{"ok"`, `"ok"`, 1) }},
		"an event with an id":               {chat, func(s *sample) { s.body = strings.Replace(s.body, "event: done", "id: 1\nevent: done", 1) }},
		"an event twice":                    {chat, func(s *sample) { s.body = strings.Replace(s.body, "event: done", "event: done\nevent: done", 1) }},
		"an incomplete event":               {chat, func(s *sample) { s.body = strings.TrimSuffix(s.body, "\n") }},
		"an empty stream":                   {chat, func(s *sample) { s.body = "" }},
		"JSON instead of a stream":          {chat, func(s *sample) { s.header.Set("Content-Type", "application/json"); s.body = "{}" }},
		"no balance":                        {flow, func(s *sample) { s.header.Del("X-Flow-Balance") }},
		"a balance with two decimal places": {flow, func(s *sample) { s.header.Set("X-Flow-Balance", "1.00") }},
		"a line without a newline":          {lines, func(s *sample) { s.body = strings.TrimSuffix(s.body, "\n") }},
		"an empty line":                     {lines, func(s *sample) { s.body += "\n" }},
		"two values on a line":              {lines, func(s *sample) { s.body = strings.Replace(s.body, "\n", "", 1) }},
		"a line of another kind":            {lines, func(s *sample) { s.body = strings.Replace(s.body, "delta", "token", 1) }},
		"a stream instead of JSON":          {list, func(s *sample) { s.header.Set("Content-Type", "text/event-stream"); s.body = stream }},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.of()
			c.change(&s)
			if err := s.check(t); err == nil {
				t.Error("got no error for an invalid exchange, want one")
			} else {
				t.Log(err)
			}
		})
	}
}

// A missing, added or changed value anywhere in a body is an error.
func TestCheck_EveryInvalidBody(t *testing.T) {
	for name, of := range map[string]func() sample{"list": list, "read": read, "refusal": refusal} {
		t.Run(name, func(t *testing.T) {
			for change, body := range mutants(t, of().body) {
				s := of()
				s.body = body
				if s.check(t) == nil {
					t.Errorf("%s: got no error, want one: %s", change, body)
				}
			}
		})
	}
	for name, kind := range streams {
		t.Run(name, func(t *testing.T) {
			for line := range strings.SplitSeq(kind.of().body, "\n") {
				data, ok := strings.CutPrefix(line, kind.data)
				if !ok || data == "" {
					continue
				}
				for change, mutant := range mutants(t, data) {
					s := kind.of()
					s.body = strings.Replace(s.body, data, mutant, 1)
					if s.check(t) == nil {
						t.Errorf("%s: got no error, want one: %s", change, mutant)
					}
				}
			}
		})
	}
}

// mutants returns invalid variants of a JSON text, by the name of the change.
func mutants(t *testing.T, text string) map[string]string {
	t.Helper()
	var whole any
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	keep := func(change string) {
		b, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		all[change] = string(b)
	}
	var walk func(at string, node any, set func(any))
	walk = func(at string, node any, set func(any)) {
		if !strings.Contains(at, "/arguments") { // may be any JSON
			for _, other := range []any{map[string]any{}, []any{-1.5}, false, -1.5, "\x00"} {
				// A value of the same type, or null, may be valid.
				if node == nil || fmt.Sprintf("%T", node) == fmt.Sprintf("%T", other) && other != false {
					continue
				}
				set(other)
				keep(fmt.Sprintf("%s made %v", at, other))
			}
		}
		set(node)
		switch node := node.(type) {
		case map[string]any:
			if !strings.Contains(at, "/arguments") {
				node["unheard_of"] = 1
				keep(at + " with one more")
				delete(node, "unheard_of")
			}
			for key, value := range node {
				delete(node, key)
				if !strings.Contains(at, "/arguments") {
					keep(at + "/" + key + " taken out")
				}
				node[key] = value
				walk(at+"/"+key, value, func(v any) { node[key] = v })
			}
		case []any:
			for i, value := range node {
				walk(fmt.Sprintf("%s/%d", at, i), value, func(v any) { node[i] = v })
			}
		}
	}
	walk("", whole, func(v any) { whole = v })
	return all
}
