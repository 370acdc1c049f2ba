package stream

import (
	"bytes"
	"net/http"
	"strings"
)

// stream sends an answer piece by piece, each flushed as it is written. What
// is written to a client that went away is lost without an error: its turn
// goes on.
type stream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	buf   bytes.Buffer
}

// openStream sends the status line and headers of a stream.
func openStream(w http.ResponseWriter, contentType string) *stream {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache, no-transform")
	// Proxies like nginx hold a stream back unless they are told not to.
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	s := &stream{w: w, flush: http.NewResponseController(w)}
	_ = s.flush.Flush()
	return s
}

// line puts a JSON value into the buffer that must stay on one line.
func (s *stream) line(value []byte) { _, _ = lineEnds.WriteString(&s.buf, string(value)) }

// lineEnds escapes what some readers, Python's str.splitlines among them, take
// for the end of a line. None of it can stand outside a string of JSON.
var lineEnds = strings.NewReplacer("\u0085", `\u0085`, "\u2028", `\u2028`, "\u2029", `\u2029`)

// send sends what is in the buffer and empties it.
func (s *stream) send() {
	if _, err := s.w.Write(s.buf.Bytes()); err == nil {
		_ = s.flush.Flush()
	}
	s.buf.Reset()
}
