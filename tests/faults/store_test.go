package faults_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/flaky"
)

// place is one of a turn's calls of the store.
type place struct {
	operation string
	nth       int
	what      string
}

// places are all calls of a turn.
var places = []place{
	{"PutItem", 0, "the claim"},
	{"GetItem", 0, "the agent"},
	{"Query", 0, "the thread"},
	{"UpdateItem", 0, "the admission"},
	{"UpdateItem", 1, "the claim on the thread"},
	{"TransactWriteItems", 0, "the settlement"},
	{"GetItem", 1, "the balance"},
	{"UpdateItem", 2, "the report"},
}

// at injects a fault into the call of a place, and into all its retries if for good.
func (p place) at(f flaky.Fault, forGood bool) func(flaky.Call) flaky.Fault {
	return func(c flaky.Call) flaky.Fault {
		if c.Operation == p.operation && (c.Nth == p.nth || forGood && c.Nth > p.nth) {
			return f
		}
		return flaky.None
	}
}

func TestPlaces_MatchStoreCalls(t *testing.T) {
	w := newWorld(t, false)
	w.spoil.Plan(nil, nil)
	if _, err := w.engine.Run(t.Context(), w.ask(t, "hi"), turn.Quiet{}); err != nil {
		t.Fatal(err)
	}
	got, _ := w.spoil.Calls()
	var want []string
	for _, p := range places {
		want = append(want, p.operation)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got calls %v, want the places %v", got, want)
	}
}

// When any one call of the store fails, the client notices nothing: the turn is
// answered, stored and charged once, and replayed under its key.
func TestStore_FailsOnceAtEachCall(t *testing.T) {
	for _, p := range places {
		t.Run(p.what, func(t *testing.T) {
			w := newWorld(t, false)
			for _, f := range flaky.Faults() {
				for range forAllPlaces() {
					w.failOnce(t, p, f)
				}
			}
		})
	}
}

func (w *world) failOnce(t *testing.T, p place, f flaky.Fault) {
	t.Helper()
	in := w.ask(t, "[[words 5]]")
	w.spoil.Plan(p.at(f, false), nil)
	out, err := w.engine.Run(t.Context(), in, turn.Quiet{})
	calls, _ := w.spoil.Calls()
	w.spoil.Plan(nil, nil)
	if err != nil || len(calls) != len(places)+1 {
		t.Fatalf("%s: got %v after the calls %v, want no error and %d calls", f, err, calls, len(places)+1)
	}
	w.wantMade(t, in, out)
}

// wantMade checks that a request caused exactly the turn of its answer, and that a
// repeated request replays it.
func (w *world) wantMade(t *testing.T, in turn.Input, out turn.Outcome) {
	t.Helper()
	turns := w.settled(t, in)
	if len(turns) != 1 || turns[0].ID != out.Turn.ID || turns[0].Assistant != "w1 w2 w3 w4 w5" || out.Available != worldBalance-w.charged {
		t.Fatalf("got settled turns %+v, want the answered one %+v", turns, out)
	}
	again, err := w.engine.Run(t.Context(), in, turn.Quiet{})
	if err != nil || !again.Replayed || again.Turn.ID != out.Turn.ID || again.Available != out.Available {
		t.Fatalf("got %+v, %v for a repeated request, want the turn %s", again, err, out.Turn.ID)
	}
}

// A store that fails permanently at one call charges only for turns in the thread.
// Once it works again, a request with the key runs the turn, or replays it.
func TestStore_FailsPermanentlyAtEachCall(t *testing.T) {
	for _, p := range places {
		t.Run(p.what, func(t *testing.T) {
			w := newWorld(t, false)
			limit := 2*time.Second + max(300*time.Millisecond, 10*w.undisturbed(t, "[[words 5]]"))
			for _, f := range []flaky.Fault{flaky.Throttled, flaky.Lost, flaky.Unanswered, flaky.Late} {
				for range 1 + *times/100 { // a settlement retries for its function's last two seconds
					w.failForGood(t, p, f, limit)
				}
			}
		})
	}
}

// failForGood runs a turn in a function that has the given time.
func (w *world) failForGood(t *testing.T, p place, f flaky.Fault, limit time.Duration) {
	t.Helper()
	in, began := w.ask(t, "[[words 5]]"), time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	w.spoil.Plan(p.at(f, true), nil)
	out, err := w.engine.Run(ctx, in, turn.Quiet{})
	w.spoil.Plan(nil, nil)
	if told := p.what == "the balance" || p.what == "the report"; (err == nil) != told || told && out.Available != worldBalance-w.charged-out.Turn.Charge {
		t.Fatalf("%s: got %+v, %v, want an answer: %t", f, out, err, told)
	}
	w.expire(t, began)
	again, err := w.beside(2*ledger.HoldLife).Run(t.Context(), in, turn.Quiet{})
	if err != nil || again.Turn.Assistant != "w1 w2 w3 w4 w5" {
		t.Fatalf("got %+v, %v for a repeated request, want the turn", again, err)
	}
	w.forget(t)
	if turns := w.settled(t, in); len(turns) != 1 || turns[0].ID != again.Turn.ID {
		t.Fatalf("got settled turns %+v, want the answered one %+v", turns, again)
	}
}

// A process freezes at any call of the store, before it is done or after, and wakes
// after its hold has expired, the sweeper has run, and the client has retried in
// another process. There is one turn, charged once.
func TestTurn_FrozenAtEachCall(t *testing.T) {
	for _, p := range places {
		t.Run(p.what, func(t *testing.T) {
			w := newWorld(t, false)
			for _, f := range []flaky.Fault{flaky.Frozen, flaky.FrozenDone} {
				for range forAllPlaces() {
					w.freeze(t, p, f)
				}
			}
		})
	}
}

func (w *world) freeze(t *testing.T, p place, f flaky.Fault) {
	t.Helper()
	in, began := w.ask(t, "[[words 5]]"), time.Now()
	frozen, thaw := make(chan struct{}), make(chan struct{})
	w.spoil.Plan(p.at(f, false), func() { close(frozen); <-thaw })
	var (
		out  turn.Outcome
		err  error
		wait sync.WaitGroup
	)
	wait.Go(func() { out, err = w.engine.Run(t.Context(), in, turn.Quiet{}) })
	<-frozen
	if p.what == "the agent" || p.what == "the thread" {
		w.awaitHold(t) // the admission runs in parallel
	}
	// A concurrent duplicate gets ErrRunning, or succeeds if the turn has
	// completed or has not claimed its key yet.
	if _, err := w.beside(time.Minute).Run(t.Context(), in, turn.Quiet{}); err != nil && !errors.Is(err, idempotency.ErrRunning) {
		t.Errorf("got %v for a duplicate, want success or ErrRunning", err)
	}
	w.expire(t, began)
	later, laterErr := w.beside(2*ledger.HoldLife).Run(t.Context(), in, turn.Quiet{})
	close(thaw)
	wait.Wait()
	w.spoil.Plan(nil, nil)
	w.forget(t)
	turns := w.settled(t, in)
	if len(turns) != 1 || laterErr != nil || later.Turn.ID != turns[0].ID {
		t.Fatalf("%s: got settled turns %+v, want the retry's %+v, %v", f, turns, later, laterErr)
	}
	if err != nil && !fault.Is(err, fault.Conflict) || err == nil && out.Turn.ID != turns[0].ID {
		t.Fatalf("%s: got %+v, %v from the frozen process, want the turn %s or a conflict", f, out.Turn, err, turns[0].ID)
	}
}

// awaitHold returns once a turn is open.
func (w *world) awaitHold(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(w.calm.Account(t, w.org).Open) == 0; {
		if time.Now().After(end) {
			t.Fatal("got no admitted turn within a minute, want one")
		}
	}
}
