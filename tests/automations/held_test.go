package automations_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// ask starts an automation that asks the agent once.
func (w *world) ask(t *testing.T) automation.Run {
	t.Helper()
	return w.start(t, fmt.Sprintf(`{"id": "ask", "type": "agent", "agent_id": %q, "prompt": "order 4711", "thread_id": "order-4711", "retry": {"attempts": 1}}`, w.agent.ID))
}

// A worker that takes a run over while its turn still runs waits for the turn, and gets its
// answer. The wait is no attempt.
func TestRun_TurnStillRuns(t *testing.T) {
	h := openHall(t)
	w := h.world(t)
	w.claimed = time.Hour
	r := w.ask(t)
	l := mortal.New(0, mortal.Froze)
	l.Host = strings.TrimPrefix(h.model, "http://")
	p := w.process(l)
	ended := make(chan struct{})
	m, _ := w.next(w.now())
	go func() {
		defer close(ended)
		w.take(t, p, m)
	}()
	<-l.Frozen
	w.sleep(automation.LeaseTime + time.Second)
	if err := w.Send(t.Context(), work.Message{Body: r.Ref}); err != nil {
		t.Fatal(err)
	}
	m, _ = w.next(w.now())
	w.take(t, w.process(mortal.Immortal()), m)
	got, err := w.Store.Run(t.Context(), r.Ref)
	if e := w.steps(t, r)["ask"]; err != nil || got.State != automation.Waiting || e.State != automation.StepBegun || e.Attempts != 1 || e.Error == "" {
		t.Errorf("got the run %s, %v and the step %+v, want a run that waits for its turn", got.State, err, e)
	}
	close(l.Thawed)
	<-ended
	w.sleep(time.Hour)
	if got := w.settle(t, w.process(mortal.Immortal()), r.Ref); got.State != automation.Completed {
		t.Errorf("got the run %s with %+v, want it completed", got.State, got.Error)
	}
	w.checkTurn(t)
	if e := w.steps(t, r)["ask"]; e.Attempts != 2 || !strings.Contains(string(e.Output), `"text":"You said: order 4711"`) {
		t.Errorf("got %d attempts and the output %s, want the turn's answer after one of each worker", e.Attempts, e.Output)
	}
}

// A turn that the org's rates refuse is run when they allow it. The wait is no attempt.
func TestRun_RatesPass(t *testing.T) {
	h := openHall(t)
	w := h.world(t)
	if _, err := w.Store.ChangeLimits(t.Context(), nil, w.org, ledger.LimitsPatch{RatePerMinute: new(1)}); err != nil {
		t.Fatal(err)
	}
	began := w.now()
	first, second := w.ask(t), w.ask(t)
	p := w.process(mortal.Immortal())
	for _, r := range []automation.Run{first, second} {
		if got := w.settle(t, p, r.Ref); got.State != automation.Completed {
			t.Errorf("got the run %s with %+v, want it completed", got.State, got.Error)
		}
	}
	if waited := w.now().Sub(began); waited < 30*time.Second || waited > 5*time.Minute {
		t.Errorf("got both runs completed after %s, want about a minute", waited)
	}
	if e := w.steps(t, second)["ask"]; e.Attempts != 1 {
		t.Errorf("got %d attempts, want 1", e.Attempts)
	}
}
