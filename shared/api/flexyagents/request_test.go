package flexyagents

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

func read(body string) (request, error) {
	return readRequest(httptest.NewRequest("POST", "/", strings.NewReader(body)))
}

const hi = `{"role":"user","content":"hi"}`

func TestReadRequest(t *testing.T) {
	padded := func(bytes int) string { return `{"x":"` + strings.Repeat("x", bytes-len(`{"x":""}`)) + `"}` }
	for body, want := range map[string]request{
		`{"messages":[` + hi + `]}`: {text: "hi"},
		`{"messages":[{"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}],"more":1}`: {text: "hi"},
		`{"messages":[` + hi + `],"stream":null,"thread_id":null,"visitor":null}`:                                   {text: "hi"},
		`{"messages":[` + hi + `],"stream":true,"thread_id":"customer:4_2.b-A"}`:                                    {text: "hi", stream: true, threadID: "customer:4_2.b-A"},
		`{"messages":[` + hi + `],"stream":false,"visitor":{ "id" : 1e999 }}`:                                       {text: "hi", visitor: json.RawMessage(`{ "id" : 1e999 }`)},
		`{"messages":[` + hi + `],"visitor":{"name":"\\u0000 \ud83d\ude00"}}`:                                       {text: "hi", visitor: json.RawMessage(`{"name":"\\u0000 \ud83d\ude00"}`)},
		`{"messages":[` + hi + `],"visitor":` + padded(4096) + `}`:                                                  {text: "hi", visitor: json.RawMessage(padded(4096))},
		`{"messages":[{"role":"assistant","content":"yes?"},` + hi + `,` + hi + `]}`: {
			text: "hi", history: []model.Message{{Role: model.Assistant, Text: "yes?"}, {Role: model.User, Text: "hi"}},
		},
	} {
		got, err := read(body)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if string(got.raw) != body {
			t.Errorf("%s: got raw body %s, want the body", body, got.raw)
		}
		got.raw = nil
		if len(got.history) == 0 {
			got.history = nil
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(request{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", body, d)
		}
	}
	for body, field := range map[string]string{
		`{}`:                              "messages",
		`{"messages":null}`:               "messages",
		`{"messages":"hi"}`:               "messages",
		`{"messages":[]}`:                 "messages",
		`{"messages":["hi"]}`:             "messages[0]",
		`{"messages":[null]}`:             "messages[0]",
		`{"messages":[{"content":"hi"}]}`: "messages[0].role",
		`{"messages":[{"role":"system","content":"x"}]}`:                                    "messages[0].role",
		`{"messages":[` + hi + `,{"role":"developer"}]}`:                                    "messages[1].role",
		`{"messages":[{"role":"user"}]}`:                                                    "messages[0].content",
		`{"messages":[{"role":"user","content":" \n"}]}`:                                    "messages[0].content",
		`{"messages":[{"role":"user","content":[]}]}`:                                       "messages[0].content",
		`{"messages":[{"role":"user","content":7},` + hi:                                    "body",
		`{"messages":[{"role":"user","content":7},{}]}`:                                     "messages[0].content",
		`{"messages":[{"role":"assistant","content":""}]}`:                                  "messages[0].role",
		`{"messages":[{"role":"user","content":"` + strings.Repeat("x", 128<<10+1) + `"}]}`: "messages[0].content",
		`{"messages":[` + hi + `],"stream":1}`:                                              "stream",
		`{"messages":[` + hi + `],"stream":"true"}`:                                         "stream",
		`{"messages":[` + hi + `],"thread_id":7}`:                                           "thread_id",
		`{"messages":[` + hi + `],"thread_id":""}`:                                          "thread_id",
		`{"messages":[` + hi + `],"thread_id":"a/b"}`:                                       "thread_id",
		`{"messages":[` + hi + `],"thread_id":"` + strings.Repeat("a", 129) + `"}`:          "thread_id",
		`{"messages":[` + hi + `],"visitor":[]}`:                                            "visitor",
		`{"messages":[` + hi + `],"visitor":"v"}`:                                           "visitor",
		`{"messages":[` + hi + `],"visitor":` + padded(4097) + `}`:                          "visitor",
		`{"messages":[` + hi + `],"visitor":{"a":["\u0000"]}}`:                              "visitor",
		`{"messages":[` + hi + `],"visitor":{"\u0000":1}}`:                                  "visitor",
		`{"messages":[` + hi + `],"visitor":{"a":{"b":"\ud83d"}}}`:                          "visitor",
		`{"messages":[` + hi + `],"visitor":{"a":"` + "\xff" + `"}}`:                        "visitor",
	} {
		_, err := read(body)
		if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Field != field {
			t.Errorf("%.80s: got %v, want an error of field %s", body, err, field)
		}
	}
}

// No body crashes the parser, and accepted values are valid for a turn.
func FuzzReadRequest(f *testing.F) {
	for _, seed := range []string{
		`{"messages":[` + hi + `],"stream":true,"thread_id":"t","visitor":{"id":"\ud83d\ude00"}}`,
		`{"messages":[{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}]}]}`,
		`{"messages":[` + hi + `],"visitor":{"a":"\u0000"}}`, `{"messages":[{}]}`, `{`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := read(string(body))
		if err != nil {
			if e := fault.From(err); e.Code != fault.Invalid && e.Code != fault.TooLarge {
				t.Errorf("got error %v, want Invalid or TooLarge", err)
			}
			return
		}
		texts := []string{q.text}
		for _, m := range q.history {
			texts = append(texts, m.Text)
		}
		for _, text := range texts {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("got %q accepted, want valid UTF-8 without NUL", text)
			}
		}
		if strings.TrimSpace(q.text) == "" {
			t.Error("got a blank message accepted, want an error")
		}
		if q.visitor != nil {
			var visitor map[string]any
			if err := json.Unmarshal(q.visitor, &visitor); len(q.visitor) > maxVisitor || err != nil && !strings.Contains(err.Error(), "number") || !utf8.Valid(q.visitor) {
				t.Errorf("got visitor %q accepted (%v), want an error", q.visitor, err)
			}
		}
	})
}
