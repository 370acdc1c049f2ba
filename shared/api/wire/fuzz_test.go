package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// No body crashes a reader of one of its fields. What a reader accepts is what
// it says, what it refuses it refuses in words that can be shown.
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
		o, err := ReadObject(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body))))
		if err != nil {
			wantShowable(t, err)
			return
		}
		wantText := func(s string, err error) {
			t.Helper()
			if err != nil {
				wantShowable(t, err)
			} else if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("accepted %q", s)
			}
		}
		wantText(o.Text("content"))
		wantText(o.String("content"))
		text, err := MessageText(o, "content")
		wantText(text, err)
		if err == nil && (strings.TrimSpace(text) == "" || len(text) > turn.MaxText) {
			t.Errorf("accepted %q as a message", text)
		}
		messages, err := Messages(o, "messages")
		if one, wrong := Message(o, "messages"); wrong == nil {
			messages, err = []model.Message{one}, nil
		}
		if err != nil {
			wantShowable(t, err)
		} else if len(messages) == 0 {
			t.Error("accepted no message")
		}
		for _, m := range messages {
			wantText(m.Text, nil)
			if m.Role != model.User && m.Role != model.Assistant {
				t.Errorf("accepted the role %q", m.Role)
			}
		}
		if id, err := ThreadID(o); err != nil {
			wantShowable(t, err)
		} else if id != "" && !thread.ValidID(id) {
			t.Errorf("accepted the thread %q", id)
		}
		if _, err := o.Bool("stream", false); err != nil {
			wantShowable(t, err)
		}
		if raw, err := o.OptionalObject("visitor", 100); err != nil {
			wantShowable(t, err)
		} else if raw != nil && (!json.Valid(raw) || !utf8.Valid(raw) || len(raw) > 100) {
			t.Errorf("accepted the object %q", raw)
		}
		child, ok, err := o.OptionalChild("visitor")
		if err != nil {
			wantShowable(t, err)
		} else if ok {
			for _, name := range child.Fields() {
				wantText(name, nil)
				if _, err := child.OptionalString(name); err != nil {
					wantShowable(t, err)
				}
			}
		}
		list, err := o.OptionalStrings("list")
		if err != nil {
			wantShowable(t, err)
		}
		for _, s := range list {
			wantText(s, nil)
		}
		if n, err := o.OptionalInt("n", -10, 10); err != nil {
			wantShowable(t, err)
		} else if n != nil && (*n < -10 || *n > 10) {
			t.Errorf("accepted %d", *n)
		}
		c, err := o.OptionalCredits("amount", -ledger.Credit, ledger.Credit)
		if err != nil {
			wantShowable(t, err)
		} else if c != nil {
			if again, ok := ledger.ParseCredits(string(c.Number())); !ok || again != *c || *c < -ledger.Credit || *c > ledger.Credit {
				t.Errorf("accepted %s, which reads as %s", *c, again)
			}
		}
	})
}

// wantShowable wants an error that tells the caller what to mend.
func wantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) || e.Code == fault.Invalid && e.Field == "" {
		t.Errorf("refused with %v, field %q", err, e.Field)
	}
}

// No header crashes the reader of credentials; what it finds stands in a header
// and has nothing around it.
func FuzzCredential(f *testing.F) {
	f.Add("Bearer k", "", "")
	f.Add("", " af_session=k ", "")
	f.Add("af_session= 0", "", "")
	f.Add("", "", `a=b; af_session="c d"; af_session=e`)
	f.Add("Bearer", "\xff", "af_session=af_session=;=;;")
	f.Fuzz(func(t *testing.T, authorization, apiKey, cookie string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Api-Key", apiKey)
		r.Header.Set("Cookie", cookie)
		tried := 0
		byCookie, err := Identify(r, func(credential string) error {
			tried++
			if credential == "" || credential != strings.TrimSpace(credential) {
				t.Errorf("%q has blanks around it", credential)
			}
			if !strings.Contains(authorization, credential) && !strings.Contains(apiKey, credential) && !strings.Contains(cookie, credential) {
				t.Errorf("%q comes of nowhere", credential)
			}
			return identity.ErrUnauthorized
		})
		if err == nil || byCookie || tried > 4 || (tried == 0) != errors.Is(err, identity.ErrNoCredential) {
			t.Errorf("%d tries, by cookie %t: %v", tried, byCookie, err)
		}
	})
}

// No query crashes the reader of numbers, and no number is outside its bounds.
func FuzzQueryInt(f *testing.F) {
	for _, seed := range []string{"limit=5", "limit=", "limit=5&limit=6", "limit=%31", "limit=+5", "limit=99999999999999999999", "limit=0x5;", "%%%", "limit"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		n, err := QueryInt(r, "limit", 50, 1, 100)
		if err != nil {
			wantShowable(t, err)
		} else if n < 1 || n > 100 {
			t.Errorf("%q is %d", query, n)
		}
	})
}

// A request has the same key whenever it comes, and another for each other path,
// method, org or key of the client's; another body is seen.
func FuzzKey(f *testing.F) {
	f.Add("k", "POST", "/a", "{}")
	f.Add("é\xff\n", "DELETE", "/a/%20b", "")
	f.Add("", "0", "0", "")
	f.Add(strings.Repeat("k", 256), "", "/", "x")
	f.Fuzz(func(t *testing.T, clientKey, method, path, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Method, r.URL.Path, r.URL.RawPath = method, "/"+path, ""
		r.Header.Set("Idempotency-Key", clientKey)
		k, err := Key(r, "org", []byte(body))
		switch {
		case clientKey == "" && err == nil:
			t.Errorf("an empty key is %v, want a refusal", k)
			return
		case err != nil:
			wantShowable(t, err)
			return
		}
		again, err := Key(r, "org", []byte(body))
		if err != nil || *again != *k {
			t.Errorf("%v, then %v, %v", k, again, err)
		}
		if other, err := Key(r, "org", []byte(body+"x")); err != nil || other.ID != k.ID || other.Body == k.Body {
			t.Errorf("with another body %v, with its own %v, %v", other, k, err)
		}
		r.URL.Path += "x"
		if other, err := Key(r, "org", []byte(body)); err != nil || other.ID == k.ID || other.Body != k.Body {
			t.Errorf("on another path %v, on its own %v, %v", other, k, err)
		}
	})
}

// isLineEnd reports what some reader or other takes for the end of a line.
func isLineEnd(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) }

// Whatever is written as an event a reader has that nobody here wrote, and one
// that splits lines wherever a line may end.
func FuzzSSE(f *testing.F) {
	for _, seed := range []string{"a", "\n\nevent: x\ndata: y\r\r", "\u0085\u2028\u2029", `\u0085`, "\ufeff👩‍👩‍👧 שלום", "\xff\xe2\x80", "\x00", ": "} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, beat bool) {
		w := httptest.NewRecorder()
		s := NewSSE(w)
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		data, err := Encode(map[string]any{"text": text, "raw": json.RawMessage(raw)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if beat {
				s.Comment("keep-alive")
			}
			s.Event("message", data)
		}
		clean := strings.ToValidUTF8(text, "\ufffd")
		var heard int
		hear := func(name, data string) {
			heard++
			var got map[string]string
			if err := json.Unmarshal([]byte(data), &got); err != nil || name != "message" {
				t.Fatalf("%s %q: %v", name, data, err)
			}
			// A run of broken bytes may become one mark or several.
			if clean == text && (got["text"] != text || got["raw"] != text) {
				t.Errorf("%q is heard as %q", text, got)
			}
		}
		for e, err := range sse.Read(strings.NewReader(w.Body.String()), &sse.ReadConfig{MaxEventSize: 16 << 20}) {
			if err != nil {
				t.Fatal(err)
			}
			hear(e.Type, e.Data)
		}
		for _, line := range strings.FieldsFunc(w.Body.String(), isLineEnd) {
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				hear("message", data)
			} else if line != "event: message" && line != ": keep-alive" {
				t.Errorf("there is a line %q", line)
			}
		}
		if heard != 4 {
			t.Errorf("%d events are heard in %q", heard, w.Body)
		}
	})
}

// Whoever splits at anything that some reader takes for a line's end finds a
// JSON object in each line, and in it the text that was written.
func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{"a", "\n\r\v\f\x1c\x1d\x1e", "\u0085\u2028\u2029", `\u0085 \\u2028`, "👩‍👩‍👧 שלום", "\xff\xe2\x80", "\x00"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, beat bool) {
		w := httptest.NewRecorder()
		n := NewNDJSON(w)
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if beat {
				n.Beat()
			}
			if err := n.Line(map[string]any{"text": text, "raw": json.RawMessage(raw)}); err != nil {
				t.Fatal(err)
			}
		}
		found := strings.FieldsFunc(w.Body.String(), isLineEnd)
		if len(found) != 2 || strings.Count(w.Body.String(), "\n") != 2 || !strings.HasSuffix(w.Body.String(), "\n") {
			t.Fatalf("%d lines: %q", len(found), w.Body)
		}
		clean := strings.ToValidUTF8(text, "\ufffd")
		if clean != text { // a run of broken bytes may become one mark or several
			return
		}
		for _, line := range found {
			var got map[string]string
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if d := cmp.Diff(map[string]string{"text": text, "raw": text}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		}
	})
}
