// Package flaky stands between a client of the store and its engine and spoils
// chosen calls: some never arrive, some are done and not answered.
package flaky

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Fault is what happens to a call.
type Fault int

// The faults. What is throttled or refused was not done; whether a call was
// done that broke off or took too long, its caller cannot know.
const (
	None       Fault = iota
	Throttled        // answered with ThrottlingException
	Refused          // answered with InternalServerError
	Lost             // the connection broke before the call arrived
	Unanswered       // the connection broke after it was done
	TimedOut         // nothing was done in time
	Late             // it was done, the answer took too long
	Crashed          // the caller dies before the call arrives
	Widowed          // the caller dies when it was done
	faults
)

// Faults lists those that a caller lives to see.
func Faults() []Fault { return []Fault{Throttled, Refused, Lost, Unanswered, TimedOut, Late} }

func (f Fault) String() string {
	return [faults]string{"none", "throttled", "refused", "lost", "unanswered", "timed out", "late", "crashed", "widowed"}[f]
}

// Done reports whether the engine did what the spoiled call asked for.
func (f Fault) Done() bool { return f == None || f == Unanswered || f == Late || f == Widowed }

// Call is a call of the store.
type Call struct {
	N         int    // 0 for the first since the plan was made
	Operation string // PutItem, Query, ...
}

// Transport spoils calls by a plan.
type Transport struct {
	mu   sync.Mutex
	plan func(Call) Fault
	die  func()
	n    int
	done []string
}

// Plan begins anew with a plan; die ends the caller, whose later calls must
// fail by themselves. A nil plan spoils nothing.
func (t *Transport) Plan(plan func(Call) Fault, die func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan, t.die, t.n, t.done = plan, die, 0, nil
}

// Done lists the operations that the engine did since the plan was made, and
// returns how many calls there were.
func (t *Transport) Done() (operations []string, calls int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done, t.n
}

// RoundTrip makes a call, or spoils it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	fault, die := t.next(operation)
	if !fault.Done() {
		return spoiled(r, fault, die)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		t.mu.Lock()
		t.done = append(t.done, operation)
		t.mu.Unlock()
	}
	if fault == None {
		return res, nil
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return spoiled(r, fault, die)
}

func (t *Transport) next(operation string) (fault Fault, die func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan != nil {
		fault = t.plan(Call{t.n, operation})
	}
	t.n++
	return fault, t.die
}

func spoiled(r *http.Request, fault Fault, die func()) (*http.Response, error) {
	switch fault {
	case Throttled:
		return refusal(r, http.StatusBadRequest, "ThrottlingException"), nil
	case Refused:
		return refusal(r, http.StatusInternalServerError, "InternalServerError"), nil
	case TimedOut, Late:
		return nil, errTimeout{}
	case Crashed, Widowed:
		die()
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

type errTimeout struct{}

func (errTimeout) Error() string { return "i/o timeout" }
func (errTimeout) Timeout() bool { return true }
