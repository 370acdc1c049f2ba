// Package mortal ends or freezes a worker of a test at one of the calls that it makes to anything
// outside it. A test takes each call in turn, lets other workers go on, and checks what is left.
package mortal

import (
	"errors"
	"net/http"
	"sync"
)

// End is how a worker's life ends at a call.
type End int

// The ends.
const (
	Never    End = iota
	Before       // it dies before the call arrives
	After        // it dies after the call was executed, before the answer arrives
	Froze        // it freezes before the call arrives, and goes on later
	FrozeOut     // it freezes after the call was executed, and goes on later
)

// Ends are all ends but Never.
var Ends = []End{Before, After, Froze, FrozeOut}

func (e End) String() string {
	return [...]string{"never", "dies before", "dies after", "freezes before", "freezes after"}[e]
}

// ErrDead is the error of the calls of a worker that is dead.
var ErrDead = errors.New("the process is dead")

// Life counts the calls of a worker, and ends it at one.
type Life struct {
	At   int // the number of the call at which it ends
	End  End
	Host string // of the only requests that count; empty: all calls do

	Died   chan struct{} // closed when it dies
	Frozen chan struct{} // closed when it freezes
	Thawed chan struct{} // closed by the test when it may go on

	mu    sync.Mutex
	calls int
	dead  bool
}

// New returns a life that ends at a call.
func New(at int, e End) *Life {
	return &Life{At: at, End: e, Died: make(chan struct{}), Frozen: make(chan struct{}), Thawed: make(chan struct{})}
}

// Immortal returns a life that does not end.
func Immortal() *Life { return New(-1, Never) }

// Calls returns how many calls were made.
func (l *Life) Calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

// Reached reports whether the call at which the life ends was made.
func (l *Life) Reached() bool { return l.Calls() > l.At && l.End != Never }

// Call makes a call, unless the worker dies at it or has died before.
func (l *Life) Call(do func() error) error {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return ErrDead
	}
	mine := l.End != Never && l.calls == l.At
	l.calls++
	if mine && (l.End == Before || l.End == After) {
		l.dead = true
	}
	l.mu.Unlock()
	if !mine {
		return do()
	}
	switch l.End {
	case After:
		_ = do()
		fallthrough
	case Before:
		close(l.Died)
		return ErrDead
	case Froze:
		l.freeze()
	}
	err := do()
	if l.End == FrozeOut {
		l.freeze()
	}
	return err
}

func (l *Life) freeze() {
	close(l.Frozen)
	<-l.Thawed
}

// RoundTrip makes a request of the worker.
func (l *Life) RoundTrip(r *http.Request) (res *http.Response, err error) {
	if l.Host != "" && r.URL.Host != l.Host {
		return http.DefaultTransport.RoundTrip(r)
	}
	err = l.Call(func() error { res, err = http.DefaultTransport.RoundTrip(r); return err }) //nolint:bodyclose // the caller gets it
	if err != nil && res != nil {
		_ = res.Body.Close()
		res = nil
	}
	return res, err
}
