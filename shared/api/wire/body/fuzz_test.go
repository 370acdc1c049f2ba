package body

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// No body crashes a method that reads a field. An accepted value has the method's type and limits, and a refusal
// is an error that callers may see.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{"content":"a"}`, `{"content":[{"type":"text","text":"\ud83d\ude00"}]}`, `{"content":"\ud800"}`, `{`, "\xff", "null", " {} ", `{}{}`,
		`{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[]}]}`, `{"messages":{"role":"system","content":"\u0000"}}`,
		`{"thread_id":"a:b","stream":true,"visitor":{"a":[1e999,"\ud83d"]},"list":["a",null],"n":1e3,"amount":"-0.000001"}`,
		`{"visitor":{"\udc00":{"b":{}}},"list":[],"n":-0,"amount":1e-05,"thread_id":null}`, `{"content":1,"content":"a"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body))))
		if err != nil {
			wantShowable(t, err)
			return
		}
		wantText := func(s string, err error) {
			t.Helper()
			if err != nil {
				wantShowable(t, err)
			} else if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("got %q accepted, want valid UTF-8 without NUL", s)
			}
		}
		wantText(o.Text("content"))
		wantText(o.String("content", aString))
		text, err := MessageText(o, "content")
		wantText(text, err)
		if err == nil && (strings.TrimSpace(text) == "" || len(text) > turn.MaxText) {
			t.Errorf("got message %q accepted, want an error", text)
		}
		messages, err := Messages(o, "messages")
		if one, wrong := Message(o, "messages"); wrong == nil {
			messages, err = []model.Message{one}, nil
		}
		if err != nil {
			wantShowable(t, err)
		} else if len(messages) == 0 {
			t.Error("got no message accepted, want an error")
		}
		for _, m := range messages {
			wantText(m.Text, nil)
			if m.Role != model.User && m.Role != model.Assistant {
				t.Errorf("got role %q accepted, want user or assistant", m.Role)
			}
		}
		if id, err := ThreadID(o); err != nil {
			wantShowable(t, err)
		} else if id != "" && !thread.ValidID(id) {
			t.Errorf("got thread %q accepted, want an error", id)
		}
		wantShowable(t, o.Allow("content", "messages").NoChange())
		wantShowable(t, o.Allow("content", "messages").Missing("thread_id", aString))
		if _, err := o.Bool("stream", false); err != nil {
			wantShowable(t, err)
		}
		if raw, err := o.OptionalObject("visitor", 100); err != nil {
			wantShowable(t, err)
		} else if raw != nil && (!json.Valid(raw) || !utf8.Valid(raw) || len(raw) > 100) {
			t.Errorf("got object %q accepted, want an error", raw)
		}
		child, ok, err := o.OptionalChild("visitor")
		if err != nil {
			wantShowable(t, err)
		} else if ok {
			for _, name := range child.Fields() {
				wantText(name, nil)
				if _, err := child.OptionalString(name, aString); err != nil {
					wantShowable(t, err)
				}
			}
		}
		list, err := o.OptionalStrings("list", "must be a list of names")
		if err != nil {
			wantShowable(t, err)
		}
		for _, s := range list {
			wantText(s, nil)
		}
		if n, err := o.OptionalInt("n", -10, 10); err != nil {
			wantShowable(t, err)
		} else if n != nil && (*n < -10 || *n > 10) {
			t.Errorf("got %d accepted, want -10 to 10", *n)
		}
		c, err := o.OptionalCredits("amount", -ledger.Credit, ledger.Credit)
		if err != nil {
			wantShowable(t, err)
		} else if c != nil {
			if again, ok := ledger.ParseCredits(string(c.Number())); !ok || again != *c || *c < -ledger.Credit || *c > ledger.Credit {
				t.Errorf("got %s accepted and %s read back, want the same, at most a credit", *c, again)
			}
		}
	})
}

// wantShowable checks that an error is Invalid, with a text that callers may see.
func wantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) || e.Code == fault.Invalid && e.Field == "" {
		t.Errorf("got %v, field %q; want Invalid of a field, or TooLarge", err, e.Field)
	}
}
