package stream

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// isLineEnd reports whether some readers treat a character as the end of a line.
func isLineEnd(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) }

// A third-party reader, and one that splits at all kinds of line ends, both read each event exactly.
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
		data, err := wire.Encode(map[string]any{"text": text, "raw": json.RawMessage(raw)})
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
				t.Fatalf("got %s %q (%v), want message with a JSON string", name, data, err)
			}
			// Consecutive invalid bytes may become one replacement character or several.
			if clean == text && (got["text"] != text || got["raw"] != text) {
				t.Errorf("text %q: got %q, want the text", text, got)
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
				t.Errorf("got line %q, want an event's name, data or a comment", line)
			}
		}
		if heard != 4 {
			t.Errorf("got %d events in %q, want 4", heard, w.Body)
		}
	})
}

// A reader that splits at all kinds of line ends finds one JSON object with the exact text in each line.
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
			t.Fatalf("got %d lines in %q, want 2", len(found), w.Body)
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
