package stream

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
)

func TestNDJSON(t *testing.T) {
	w := httptest.NewRecorder()
	n := NewNDJSON(w)
	if !w.Flushed || w.Header().Get("Content-Type") != "application/x-ndjson" || w.Header().Get("Cache-Control") != "no-cache, no-transform" {
		t.Errorf("got flushed %t and headers %v, want true, application/x-ndjson and no-cache, no-transform", w.Flushed, w.Header())
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
		t.Error("got half an object sent, want an error")
	}
	line(1)
	const want = `"a\n<&>"` + "\n" + `  {"b":"\u2028\u2029\u0085"}` + "\n1\n"
	if got := w.Body.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
