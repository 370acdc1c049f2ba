package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// stallTime is the time in which a client must read pieceSize bytes of an answer.
	// Otherwise its connection is closed.
	stallTime = 10 * time.Second
	// pieceSize is the number of bytes that a client must read within stallTime.
	pieceSize = 4 << 10
)

// errClientGone is the error of a write to a client that has disconnected or does not
// read.
var errClientGone = errors.New("the client is gone")

// clientWriter sends a body to a client. It disconnects a client that does not read, which
// would otherwise block the function forever.
type clientWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	until   time.Time // the integration's deadline
	stream  bool      // flush every write
	failed  bool
}

func newClientWriter(w http.ResponseWriter, limit time.Duration, stream bool) *clientWriter {
	return &clientWriter{w: w, control: http.NewResponseController(w), until: time.Now().Add(limit), stream: stream}
}

// Write sends p in pieces. In a stream, an empty p sends the headers.
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

// extend sets the write deadline to another stallTime.
func (c *clientWriter) extend() {
	at := time.Now().Add(stallTime)
	if c.until.Before(at) {
		at = c.until
	}
	_ = c.control.SetWriteDeadline(at) // the write itself reports an error
}

// close sets a last deadline for the bytes that net/http has buffered. The server resets
// the deadline before the connection's next request.
func (c *clientWriter) close() {
	if !c.failed {
		c.extend()
	}
}
