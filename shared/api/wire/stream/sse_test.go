package stream

import (
	"net/http/httptest"
	"testing"
)

func TestSSE(t *testing.T) {
	w := httptest.NewRecorder()
	s := NewSSE(w)
	if !w.Flushed || w.Header().Get("Content-Type") != "text/event-stream; charset=utf-8" || w.Header().Get("Cache-Control") != "no-cache, no-transform" {
		t.Errorf("got flushed %t and headers %v, want true, text/event-stream; charset=utf-8 and no-cache, no-transform", w.Flushed, w.Header())
	}
	s.Event("message", []byte("\"a\u2028\u2029\u0085\""))
	s.Comment("keep-alive")
	s.Event("done", []byte("{}"))
	const want = "event: message\ndata: \"a\\u2028\\u2029\\u0085\"\n\n: keep-alive\n\nevent: done\ndata: {}\n\n"
	if got := w.Body.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
