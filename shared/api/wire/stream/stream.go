package stream

import (
	"bytes"
	"net/http"
	"strings"
)

// stream sends an answer in pieces and flushes each. Writes to a disconnected client are lost without an
// error, because the turn continues.
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

// lineEnds escapes characters that some readers, such as Python's str.splitlines, treat as the end of a
// line. In JSON they can occur only in strings.
var lineEnds = strings.NewReplacer("\u0085", `\u0085`, "\u2028", `\u2028`, "\u2029", `\u2029`)

// send sends what is in the buffer and empties it.
func (s *stream) send() {
	if _, err := s.w.Write(s.buf.Bytes()); err == nil {
		_ = s.flush.Flush()
	}
	s.buf.Reset()
}
