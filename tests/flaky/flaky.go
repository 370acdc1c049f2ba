// Package flaky injects faults between a store client and its engine: some calls never
// arrive, others succeed and lose their response.
package flaky

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Fault is the fault that a call meets.
type Fault int

// The faults. A throttled or refused call had no effect. After a broken connection or a
// timeout the caller cannot know whether the call had its effect.
const (
	None       Fault = iota
	Throttled        // answered with ThrottlingException
	Refused          // answered with InternalServerError
	Lost             // the connection broke before the call arrived
	Unanswered       // the connection broke after the call was executed
	TimedOut         // nothing was executed in time
	Late             // the call was executed, but the answer took too long
	Crashed          // the caller dies before the call arrives
	Widowed          // the caller dies after the call was executed
	Frozen           // the caller freezes before the call arrives, and continues later
	FrozenDone       // the caller freezes after the call was executed, and continues later
	faults
)

// Faults lists the faults that the caller survives.
func Faults() []Fault { return []Fault{Throttled, Refused, Lost, Unanswered, TimedOut, Late} }

func (f Fault) String() string {
	return [faults]string{"none", "throttled", "refused", "lost", "unanswered", "timed out", "late", "crashed", "widowed", "frozen", "frozen when done"}[f]
}

// fails reports whether a call fails before it arrives.
func (f Fault) fails() bool {
	return f == Throttled || f == Refused || f == Lost || f == TimedOut || f == Crashed
}

// Call is a store call.
type Call struct {
	N         int    // 0 for the first since Plan
	Operation string // PutItem, Query, ...
	Nth       int    // 0 for the first of its operation
}

// Transport injects faults by a plan.
type Transport struct {
	mu    sync.Mutex
	plan  func(Call) Fault
	stop  func()
	calls []string
	done  []string

	underway sync.WaitGroup // calls at the engine
}

// Plan sets a new plan and clears the record. For a caller that dies or freezes, stop is
// called: it ends the caller, whose later calls must fail, or returns when the caller may
// continue. A nil plan injects nothing.
func (t *Transport) Plan(plan func(Call) Fault, stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan, t.stop, t.calls, t.done = plan, stop, nil, nil
}

// Calls lists the operations since the plan was set: all attempts, and the ones that the
// engine executed.
func (t *Transport) Calls() (called, done []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.calls), slices.Clone(t.done)
}

// RoundTrip sends a request, or injects a fault into it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	fault, stop := t.next(operation)
	if fault == Frozen {
		stop()
	}
	if fault.fails() {
		return spoiled(r, fault, stop)
	}
	res, err := t.send(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		t.mu.Lock()
		t.done = append(t.done, operation)
		t.mu.Unlock()
	}
	switch fault {
	case FrozenDone:
		stop()
		return res, nil
	case None, Frozen:
		return res, nil
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return spoiled(r, fault, stop)
}

// send forwards a call. The call is executed even if its caller gives up (see Wait).
func (t *Transport) send(r *http.Request) (*http.Response, error) {
	type answer struct {
		res *http.Response
		err error
	}
	answered := make(chan answer, 1)
	t.underway.Go(func() {
		res, err := http.DefaultTransport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context()))) //nolint:bodyclose // the receiver of the answer closes it
		answered <- answer{res, err}
	})
	select {
	case a := <-answered:
		return a.res, a.err
	case <-r.Context().Done():
		t.underway.Go(func() {
			if a := <-answered; a.err == nil {
				_ = a.res.Body.Close()
			}
		})
		return nil, r.Context().Err()
	}
}

// Wait waits until the engine has executed every call, abandoned ones included. No call may
// start meanwhile.
func (t *Transport) Wait() { t.underway.Wait() }

func (t *Transport) next(operation string) (fault Fault, stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan != nil {
		nth := 0
		for _, earlier := range t.calls {
			if earlier == operation {
				nth++
			}
		}
		fault = t.plan(Call{len(t.calls), operation, nth})
	}
	t.calls = append(t.calls, operation)
	return fault, t.stop
}

func spoiled(r *http.Request, fault Fault, stop func()) (*http.Response, error) {
	switch fault {
	case Throttled:
		return refusal(r, http.StatusBadRequest, "ThrottlingException"), nil
	case Refused:
		return refusal(r, http.StatusInternalServerError, "InternalServerError"), nil
	case TimedOut, Late:
		return nil, timeoutError{}
	case Crashed, Widowed:
		stop()
	}
	return nil, errors.New("connection reset by peer")
}

func refusal(r *http.Request, status int, code string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"spoiled"}`)),
	}
}

type timeoutError struct{}

func (timeoutError) Error() string { return "i/o timeout" }
func (timeoutError) Timeout() bool { return true }
