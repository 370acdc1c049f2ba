package flowgent

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

func read(raw string) (question, error) {
	o, err := body.Read(httptest.NewRequest("POST", "/", strings.NewReader(raw)))
	if err != nil {
		return question{}, err
	}
	return questionOf(o)
}

func TestChatBody(t *testing.T) {
	before := []model.Message{{Role: model.User, Text: "one"}, {Role: model.Assistant, Text: ""}}
	long := strings.Repeat("x", turn.MaxText)
	for name, c := range map[string]struct {
		body  string
		want  question
		field string // at fault; empty: none
	}{
		"a string":            {body: `{"messages":"hi"}`, want: question{text: "hi"}},
		"a message":           {body: `{"messages":{"role":"user","content":"hi"}}`, want: question{text: "hi"}},
		"a message of parts":  {body: `{"messages":{"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}}`, want: question{text: "hi"}},
		"a list":              {body: `{"messages":[{"role":"user","content":"hi"}]}`, want: question{text: "hi"}},
		"a conversation":      {body: `{"messages":[{"role":"user","content":"one"},{"role":"assistant","content":""},{"role":"user","content":"hi"}]}`, want: question{text: "hi", history: before}},
		"a thread":            {body: `{"messages":"hi","thread_id":"thread_123456"}`, want: question{text: "hi", threadID: "thread_123456"}},
		"what nobody reads":   {body: `{"messages":"hi","stream":true,"Messages":7}`, want: question{text: "hi"}},
		"nulls":               {body: `{"messages":"hi","thread_id":null,"callback_url":null}`, want: question{text: "hi"}},
		"space around":        {body: " {\"messages\" :\n [ {\"role\":\"user\",\"content\":\"hi\"} ] } ", want: question{text: "hi"}},
		"as long as it may":   {body: `{"messages":"` + long + `"}`, want: question{text: long}},
		"too long":            {body: `{"messages":"` + long + `x"}`, field: "messages"},
		"none":                {body: `{}`, field: "messages"},
		"null":                {body: `{"messages":null}`, field: "messages"},
		"a number":            {body: `{"messages":7}`, field: "messages"},
		"true":                {body: `{"messages":true}`, field: "messages"},
		"empty":               {body: `{"messages":""}`, field: "messages"},
		"blank":               {body: `{"messages":" \n\u00a0"}`, field: "messages"},
		"NUL":                 {body: `{"messages":"a\u0000"}`, field: "messages"},
		"half a pair":         {body: `{"messages":"\ud83c"}`, field: "messages"},
		"empty message":       {body: `{"messages":{"role":"user","content":""}}`, field: "messages.content"},
		"no role":             {body: `{"messages":{"content":"hi"}}`, field: "messages.role"},
		"no content":          {body: `{"messages":{"role":"user"}}`, field: "messages.content"},
		"instructions":        {body: `{"messages":{"role":"system","content":"hi"}}`, field: "messages.role"},
		"an image":            {body: `{"messages":{"role":"user","content":[{"type":"image","url":"x"}]}}`, field: "messages.content[0].type"},
		"the assistant":       {body: `{"messages":{"role":"assistant","content":"hi"}}`, field: "messages.role"},
		"an empty list":       {body: `{"messages":[]}`, field: "messages"},
		"a list of texts":     {body: `{"messages":["hi"]}`, field: "messages[0]"},
		"hidden instructions": {body: `{"messages":[{"role":"developer","content":"x"},{"role":"user","content":"hi"}]}`, field: "messages[0].role"},
		"nothing last":        {body: `{"messages":[{"role":"user","content":"hi"},{"role":"user","content":" "}]}`, field: "messages[1].content"},
		"the assistant last":  {body: `{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"x"}]}`, field: "messages[1].role"},
		"bad thread":          {body: `{"messages":"hi","thread_id":"a/b"}`, field: "thread_id"},
		"no text as thread":   {body: `{"messages":"hi","thread_id":7}`, field: "thread_id"},
		"callback":            {body: `{"messages":"hi","callback_url":"https://example.com"}`, want: question{text: "hi", callback: "https://example.com"}},
		"empty callback":      {body: `{"messages":"hi","callback_url":""}`, field: "callback_url"},
		"no text as callback": {body: `{"messages":"hi","callback_url":{}}`, field: "callback_url"},
		"not an object":       {body: `"hi"`, field: "body"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(c.body)
			if c.field != "" {
				if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Field != c.field {
					t.Errorf("got %+v, %v; want an error of field %s", got, err, c.field)
				}
				return
			}
			if len(got.history) == 0 {
				got.history = nil
			}
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(question{})); d != "" || err != nil {
				t.Errorf("error %v, question (-want +got):\n%s", err, d)
			}
		})
	}
}

// All forms of the body give the same question.
func TestChatBody_AllForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return r != 0 && utf8.ValidRune(r) }), 1, -1, turn.MaxText).
			Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(t, "text")
		message := map[string]any{"role": "user", "content": text}
		for _, messages := range []any{
			text,
			message,
			[]any{message},
			map[string]any{"role": "user", "content": []any{map[string]any{"type": "text", "text": text}}},
		} {
			raw, err := json.Marshal(map[string]any{"messages": messages})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := read(string(raw)); err != nil || got.text != text || len(got.history) != 0 || got.threadID != "" {
				t.Fatalf("%s: got %+v, %v; want only the text %q", raw, got, err, text)
			}
		}
	})
}

// No body crashes the parser, and an accepted body is a valid question.
func FuzzChatBody(f *testing.F) {
	for _, seed := range []string{
		`{"messages":"hi"}`, `{"messages":{"role":"user","content":"hi"},"thread_id":"t"}`, `{"messages":[{"role":"user","content":"hi"}]}`,
		`{"messages":[{"role":"assistant","content":[{"type":"text","text":"\ud83d\ude00"}]},{"role":"user","content":"x"}]}`,
		`{"messages":"\ud800","callback_url":"https://example.com"}`, `{"messages":[`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, err := read(string(raw))
		if err != nil {
			if e := fault.From(err); e.Code == fault.Internal || e.Message == "" {
				t.Errorf("got error %v, want one for the caller, with a message", err)
			}
			return
		}
		if strings.TrimSpace(q.text) == "" || len(q.text) > turn.MaxText || q.threadID != "" && !thread.ValidID(q.threadID) {
			t.Errorf("got %+v accepted, want an error", q)
		}
		for _, m := range append(q.history, model.Message{Role: model.User, Text: q.text}) {
			if m.Role != model.User && m.Role != model.Assistant || !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) {
				t.Errorf("got message %+v accepted, want an error", m)
			}
		}
	})
}
