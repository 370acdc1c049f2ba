package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// stallTime is how long a client may take nothing of an answer before its
	// connection is cut.
	stallTime = 10 * time.Second
	// pieceSize is what a client has to take within stallTime.
	pieceSize = 4 << 10
)

// errClientGone is why an answer did not get through: its client has left, or
// stays and reads nothing.
var errClientGone = errors.New("the client is gone")

// clientWriter sends a body to a client. A client that stays connected but does
// not read would hold up its function for ever; it is dropped instead.
type clientWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	until   time.Time // when the integration's time is over
	stream  bool      // every write is sent at once
	failed  bool
}

func newClientWriter(w http.ResponseWriter, limit time.Duration, stream bool) *clientWriter {
	return &clientWriter{w: w, control: http.NewResponseController(w), until: time.Now().Add(limit), stream: stream}
}

// Write sends p in pieces. Of a stream even an empty p sends the headers.
func (c *clientWriter) Write(p []byte) (int, error) {
	for written := 0; ; {
		n, err := c.piece(p[written:min(len(p), written+pieceSize)])
		written += n
		if err != nil {
			c.failed = true
			return written, fmt.Errorf("%w: %w", errClientGone, err)
		}
		if written == len(p) {
			return written, nil
		}
	}
}

func (c *clientWriter) piece(p []byte) (int, error) {
	c.extend()
	n, err := c.w.Write(p)
	if err == nil && c.stream {
		err = c.control.Flush()
	}
	return n, err
}

// extend gives the client another stallTime.
func (c *clientWriter) extend() {
	at := time.Now().Add(stallTime)
	if c.until.Before(at) {
		at = c.until
	}
	_ = c.control.SetWriteDeadline(at) // an error shows in the write itself
}

// close gives the client a last stallTime for what net/http still has to send.
// The server takes the deadline away before the connection's next request.
func (c *clientWriter) close() {
	if !c.failed {
		c.extend()
	}
}
