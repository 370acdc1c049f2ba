package local

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// FunctionError is a failed invocation, in Lambda's terms.
type FunctionError struct {
	Type    string `json:"errorType"` // "Sandbox.Timedout", or the type of the Go error
	Message string `json:"errorMessage"`
}

// Error returns the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// reply is what a function answers. Its body may still be on the way; reading
// it fails with why the function failed. It must be read to the end.
type reply struct {
	contentType string
	body        io.Reader
}

// invocation is one event on its way through a process.
type invocation struct {
	id      string
	payload []byte
	began   chan reply // gets one reply, or is closed when there is none

	mu       sync.Mutex
	body     *io.PipeWriter // set once the function has begun to answer
	answered bool           // the function has said all it had to say
	err      error          // why it failed
}

func newInvocation(payload []byte) *invocation {
	return &invocation{id: newID(), payload: payload, began: make(chan reply, 1)}
}

var errAnswered = errors.New("the invocation was answered already")

// begin hands the reply to the invoker; what is written to the returned writer
// reaches it at once.
func (i *invocation) begin(contentType string) (io.Writer, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.body != nil || i.answered {
		return nil, errAnswered
	}
	r, w := io.Pipe()
	i.body = w
	i.began <- reply{contentType: contentType, body: r}
	return w, nil
}

// answer records that the function is through; err is nil if it succeeded.
func (i *invocation) answer(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.answered {
		i.answered, i.err = true, err
	}
}

// end lets the invoker go on. It comes after answer, when the process asks for
// more work: only then is it certain that it can take the next invocation. A
// function that did not answer failed for the given reason.
func (i *invocation) end(reason error) {
	i.answer(reason)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.body != nil {
		i.body.CloseWithError(i.err) // a nil error reads as io.EOF
		return
	}
	close(i.began)
}

// reply waits until the function begins to answer or has failed.
func (i *invocation) reply() (reply, error) {
	if r, ok := <-i.began; ok {
		return r, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return reply{}, i.err
}

func (i *invocation) timedOut(after time.Duration) error {
	return &FunctionError{
		Type:    "Sandbox.Timedout",
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", i.id, after.Seconds()),
	}
}

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
