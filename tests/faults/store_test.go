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

// place is one of the calls that a turn makes of the store.
type place struct {
	operation string
	nth       int
	what      string
}

// places are all of them.
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

// at spoils the call of a place, with every try that follows if for good.
func (p place) at(f flaky.Fault, forGood bool) func(flaky.Call) flaky.Fault {
	return func(c flaky.Call) flaky.Fault {
		if c.Operation == p.operation && (c.Nth == p.nth || forGood && c.Nth > p.nth) {
			return f
		}
		return flaky.None
	}
}

func TestPlacesAreAllThereAre(t *testing.T) {
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
		t.Errorf("a turn calls %v, the faults are tried at %v", got, want)
	}
}

// Whatever befalls any one call of the store, the client notices nothing: the
// turn is answered, stored and charged once, and told again under its key.
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
		t.Fatalf("%s: %v after %v", f, err, calls)
	}
	w.wantMade(t, in, out)
}

// wantMade checks that an input has made the one turn that its client was told,
// and that it is told again.
func (w *world) wantMade(t *testing.T, in turn.Input, out turn.Outcome) {
	t.Helper()
	turns := w.settled(t, in)
	if len(turns) != 1 || turns[0].ID != out.Turn.ID || turns[0].Assistant != "w1 w2 w3 w4 w5" || out.Available != worldBalance-w.charged {
		t.Fatalf("settled %+v, told %+v", turns, out)
	}
	again, err := w.engine.Run(t.Context(), in, turn.Quiet{})
	if err != nil || !again.Replayed || again.Turn.ID != out.Turn.ID || again.Available != out.Available {
		t.Fatalf("again: %+v, %v", again, err)
	}
}

// A store that fails for good at one call costs nothing that is not in the
// thread, and once it works again the key makes the turn, or tells it.
func TestStore_FailsForGoodAtEachCall(t *testing.T) {
	for _, p := range places {
		t.Run(p.what, func(t *testing.T) {
			w := newWorld(t, false)
			for _, f := range []flaky.Fault{flaky.Throttled, flaky.Lost, flaky.Unanswered, flaky.Late} {
				for range 1 + *times/100 { // a settlement takes its function's last two seconds
					w.failForGood(t, p, f)
				}
			}
		})
	}
}

func (w *world) failForGood(t *testing.T, p place, f flaky.Fault) {
	t.Helper()
	in, began := w.ask(t, "[[words 5]]"), time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second+300*time.Millisecond)
	defer cancel()
	w.spoil.Plan(p.at(f, true), nil)
	out, err := w.engine.Run(ctx, in, turn.Quiet{})
	w.spoil.Plan(nil, nil)
	if told := p.what == "the balance" || p.what == "the report"; (err == nil) != told || told && out.Available != worldBalance-w.charged-out.Turn.Charge {
		t.Fatalf("%s: told %+v, %v", f, out, err)
	}
	w.expire(t, began)
	again, err := w.beside(2*ledger.HoldLife).Run(t.Context(), in, turn.Quiet{})
	if err != nil || again.Turn.Assistant != "w1 w2 w3 w4 w5" {
		t.Fatalf("again: %+v, %v", again, err)
	}
	w.forget(t)
	if turns := w.settled(t, in); len(turns) != 1 || turns[0].ID != again.Turn.ID {
		t.Fatalf("settled %+v, told %+v", turns, again)
	}
}

// A process may freeze at any call of the store, before it is done or after,
// and wake when its hold has expired, the sweeper has run, and the client has
// tried again elsewhere. There is one turn, charged once.
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
		w.awaitHold(t) // the admission is under way beside it
	}
	// A concurrent duplicate gets ErrRunning, or succeeds if the turn has
	// completed or has not claimed its key yet.
	if _, err := w.beside(time.Minute).Run(t.Context(), in, turn.Quiet{}); err != nil && !errors.Is(err, idempotency.ErrRunning) {
		t.Errorf("a duplicate was told %v", err)
	}
	w.expire(t, began)
	later, laterErr := w.beside(2*ledger.HoldLife).Run(t.Context(), in, turn.Quiet{})
	close(thaw)
	wait.Wait()
	w.spoil.Plan(nil, nil)
	w.forget(t)
	turns := w.settled(t, in)
	if len(turns) != 1 || laterErr != nil || later.Turn.ID != turns[0].ID {
		t.Fatalf("%s: settled %+v, told %+v, %v", f, turns, later, laterErr)
	}
	if err != nil && !fault.Is(err, fault.Conflict) || err == nil && out.Turn.ID != turns[0].ID {
		t.Fatalf("%s: who was frozen was told %+v, %v", f, out.Turn, err)
	}
}

// awaitHold returns when a turn is open.
func (w *world) awaitHold(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); len(w.calm.Account(t, w.org).Open) == 0; {
		if time.Now().After(end) {
			t.Fatal("no turn was admitted for a minute")
		}
	}
}
