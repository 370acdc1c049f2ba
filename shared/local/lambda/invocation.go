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

// Reply is what a function answers. Its body may still be on the way; reading
// it fails with why the function failed. It must be read to the end.
type Reply struct {
	ContentType string
	Body        io.Reader
}

// invocation is one event on its way through a process.
type invocation struct {
	id      string
	payload []byte
	began   chan Reply // gets one reply, or is closed when there is none

	mu       sync.Mutex
	body     *io.PipeWriter // set once the function has begun to answer
	answered bool           // the function has said all it had to say
	err      error          // why it failed
}

func newInvocation(payload []byte) *invocation {
	return &invocation{id: uuid.NewString(), payload: payload, began: make(chan Reply, 1)}
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
	i.began <- Reply{ContentType: contentType, Body: r}
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

// MaxEvent is the largest event or buffered answer that Lambda takes.
const MaxEvent = 6 << 20

// ReadAll reads a reply that must not be larger than Lambda allows.
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
