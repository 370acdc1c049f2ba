package wire

import (
	"bytes"
	"net/http"
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

// send sends what is in the buffer and empties it.
func (s *stream) send() {
	if _, err := s.w.Write(s.buf.Bytes()); err == nil {
		_ = s.flush.Flush()
	}
	s.buf.Reset()
}
