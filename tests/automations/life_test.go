package automations_test

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/quintet-agents/quintet/shared/automation/effect"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

// end is how a worker's life ends at a call.
type end int

const (
	never    end = iota
	before       // it dies before the call arrives
	after        // it dies after the call was executed, before the answer arrives
	froze        // it freezes before the call arrives, and goes on later
	frozeOut     // it freezes after the call was executed, and goes on later
)

func (e end) String() string {
	return [...]string{"never", "dies before", "dies after", "freezes before", "freezes after"}[e]
}

var errDead = errors.New("the process is dead")

// life counts the calls that a worker makes to anything outside it, and ends it at one.
type life struct {
	at  int // the number of the call at which it ends
	end end

	host   string // of the only requests that count; empty: all calls do
	mu     sync.Mutex
	calls  int
	dead   bool
	died   chan struct{} // closed when it dies
	frozen chan struct{} // closed when it freezes
	thawed chan struct{} // closed when it may go on
}

func newLife(at int, e end) *life {
	return &life{at: at, end: e, died: make(chan struct{}), frozen: make(chan struct{}), thawed: make(chan struct{})}
}

func immortal() *life { return newLife(-1, never) }

// reached reports whether the call at which the life ends was made.
func (l *life) reached() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls > l.at && l.end != never
}

// call makes a call, unless the worker dies at it or has died before.
func (l *life) call(do func() error) error {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return errDead
	}
	mine := l.end != never && l.calls == l.at
	l.calls++
	if mine && (l.end == before || l.end == after) {
		l.dead = true
	}
	l.mu.Unlock()
	if !mine {
		return do()
	}
	switch l.end {
	case after:
		_ = do()
		fallthrough
	case before:
		close(l.died)
		return errDead
	case froze:
		l.freeze()
	}
	err := do()
	if l.end == frozeOut {
		l.freeze()
	}
	return err
}

func (l *life) freeze() {
	close(l.frozen)
	<-l.thawed
}

// RoundTrip makes a call to the table, to the model or to Meta.
func (l *life) RoundTrip(r *http.Request) (res *http.Response, err error) {
	if l.host != "" && r.URL.Host != l.host {
		return http.DefaultTransport.RoundTrip(r)
	}
	err = l.call(func() error { res, err = http.DefaultTransport.RoundTrip(r); return err })
	if err != nil && res != nil {
		_ = res.Body.Close()
		res = nil
	}
	return res, err
}

// mortalCaller sends requests as a worker with a life does.
type mortalCaller struct {
	effect.Caller
	life *life
}

func (c mortalCaller) Call(ctx context.Context, call delivery.Call) (answer delivery.Answer, err error) {
	died := c.life.call(func() error { answer, err = c.Caller.Call(ctx, call); return nil })
	if died != nil {
		return delivery.Answer{}, died
	}
	return answer, err
}

// mortalQueue is the queue as a worker reaches it.
type mortalQueue struct {
	*world
	life *life
}

func (q mortalQueue) Send(ctx context.Context, messages ...work.Message) error {
	return q.life.call(func() error { return q.world.Send(ctx, messages...) })
}
