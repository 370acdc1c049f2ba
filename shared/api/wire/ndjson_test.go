package wire

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNDJSON(t *testing.T) {
	w := httptest.NewRecorder()
	n := NewNDJSON(w)
	if !w.Flushed || w.Header().Get("Content-Type") != "application/x-ndjson" || w.Header().Get("Cache-Control") != "no-cache, no-transform" {
		t.Errorf("flushed: %t, headers %v", w.Flushed, w.Header())
	}
	line := func(v any) {
		if err := n.Line(v); err != nil {
			t.Error(err)
		}
	}
	line("a\n<&>")
	n.Beat()
	n.Beat()
	line(json.RawMessage("{\n  \"b\": \"\u2028\u2029\u0085\"\r\n}"))
	if err := n.Line(json.RawMessage("{")); err == nil {
		t.Error("half an object was sent")
	}
	line(1)
	const want = `"a\n<&>"` + "\n" + `  {"b":"\u2028\u2029\u0085"}` + "\n1\n"
	if got := w.Body.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
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
		ends := func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) }
		found := strings.FieldsFunc(w.Body.String(), ends)
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
