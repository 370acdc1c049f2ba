package stream

import "net/http"

// SSE writes a stream of server-sent events.
type SSE struct{ *stream }

// NewSSE sends the status line and headers of an event stream.
func NewSSE(w http.ResponseWriter) *SSE {
	return &SSE{openStream(w, "text/event-stream; charset=utf-8")}
}

// Event writes one event; data must be JSON on one line.
func (s *SSE) Event(name string, data []byte) {
	s.buf.WriteString("event: ")
	s.buf.WriteString(name)
	s.buf.WriteString("\ndata: ")
	s.line(data)
	s.buf.WriteString("\n\n")
	s.send()
}

// Comment writes a comment, which readers ignore. It serves as a heartbeat.
func (s *SSE) Comment(text string) {
	s.buf.WriteString(": ")
	s.buf.WriteString(text)
	s.buf.WriteString("\n\n")
	s.send()
}
