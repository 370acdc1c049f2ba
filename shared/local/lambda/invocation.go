package lambda

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"
)

// FunctionError is a failed invocation, in Lambda's terms.
type FunctionError struct {
	Type    string `json:"errorType"` // "Sandbox.Timedout", or the type of the Go error
	Message string `json:"errorMessage"`
}

// Error returns the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Reply is a function's answer. The function may still be writing the body. If the
// function fails, reading the body returns its error. The body must be read to the end.
type Reply struct {
	ContentType string
	Body        io.Reader
}

// invocation is one event that a process handles.
type invocation struct {
	id      string
	payload []byte
	began   chan Reply // receives one reply, or is closed without one

	mu       sync.Mutex
	body     *io.PipeWriter // set when the function begins to answer
	answered bool           // the answer is complete
	err      error          // the function's error
}

func newInvocation(payload []byte) *invocation {
	return &invocation{id: uuid.NewString(), payload: payload, began: make(chan Reply, 1)}
}

var errAnswered = errors.New("the invocation was answered already")

// begin passes the reply to the invoker and returns a writer for its body.
func (i *invocation) begin(contentType string) (io.Writer, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.body != nil || i.answered {
		return nil, errAnswered
	}
	r, w := io.Pipe()
	i.body = w
	i.began <- Reply{ContentType: contentType, Body: r}
	return w, nil
}

// answer records that the answer is complete; err is nil if the function succeeded.
func (i *invocation) answer(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.answered {
		i.answered, i.err = true, err
	}
}

// end ends the invocation for the invoker. It is called after answer, when the process
// polls for more work, because only then can the process take the next invocation. If the
// function did not answer, reason is its error.
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

// reply waits until the function begins to answer or fails.
func (i *invocation) reply() (Reply, error) {
	if r, ok := <-i.began; ok {
		return r, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return Reply{}, i.err
}

func (i *invocation) timedOut(after time.Duration) error {
	return &FunctionError{
		Type:    "Sandbox.Timedout",
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", i.id, after.Seconds()),
	}
}

// MaxEvent is the size of the largest event or buffered answer that Lambda accepts.
const MaxEvent = 6 << 20

// ReadAll reads a buffered reply, and returns an error if it exceeds MaxEvent.
func ReadAll(r Reply, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, MaxEvent+1))
	_, drained := io.Copy(io.Discard, r.Body)
	if err := errors.Join(err, drained); err != nil {
		return nil, err
	}
	if len(payload) > MaxEvent {
		return nil, &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "the response exceeds 6 MB"}
	}
	return payload, nil
}
