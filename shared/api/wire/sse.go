package wire

import (
	"bytes"
	"net/http"
)

// SSE writes a stream of server-sent events, each flushed as it is written.
// What is written to a client that went away is lost without an error: its
// turn goes on.
type SSE struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	buf   bytes.Buffer
}

// NewSSE sends the status line and headers of an event stream.
func NewSSE(w http.ResponseWriter) *SSE {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache, no-transform")
	// Proxies like nginx hold a stream back unless they are told not to.
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	s := &SSE{w: w, flush: http.NewResponseController(w)}
	_ = s.flush.Flush()
	return s
}

// Event writes one event; data must be a single line.
func (s *SSE) Event(name string, data []byte) {
	s.buf.Reset()
	s.buf.WriteString("event: ")
	s.buf.WriteString(name)
	s.buf.WriteString("\ndata: ")
	s.buf.Write(data)
	s.buf.WriteString("\n\n")
	s.send()
}

// Comment writes a comment, which readers ignore: a sign of life.
func (s *SSE) Comment(text string) {
	s.buf.Reset()
	s.buf.WriteString(": ")
	s.buf.WriteString(text)
	s.buf.WriteString("\n\n")
	s.send()
}

func (s *SSE) send() {
	if _, err := s.w.Write(s.buf.Bytes()); err == nil {
		_ = s.flush.Flush()
	}
}
