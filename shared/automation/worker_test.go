package automation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/work"
)

// errDied is the error of every call of a worker that has died.
var errDied = errors.New("the worker has died")

// world is a run with a receiver of its effects, and a clock.
type world struct {
	mu       sync.Mutex
	now      time.Time
	calls    int  // of the store and of the effects, by this worker
	dies     int  // at this call; 0: never
	after    bool // the call at which it dies is made
	received map[string]int
	fails    map[string][]error // by path: the errors of its first attempts
	queue    []work.Message
}

func (w *world) clock() time.Time { return w.now }

// call counts a call, and reports whether it is made and whether its response arrives.
func (w *world) call() (made, answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.dies == 0 || w.calls < w.dies {
		return true, true
	}
	return w.after && w.calls == w.dies, false
}

func (w *world) Do(_ context.Context, _ automation.Run, p automation.Position, id string) (input, output json.RawMessage, err error) {
	made, answered := w.call()
	if made {
		w.received[id]++
		if fails := w.fails[p.Path]; len(fails) >= w.received[id] {
			err = fails[w.received[id]-1]
		}
	}
	if !answered {
		return nil, nil, errDied
	}
	return json.RawMessage(`{"url":"https://a.example"}`), json.RawMessage(fmt.Sprintf(`{"status":200,"body":{"of":%q}}`, p.Path)), err
}

func (w *world) Send(_ context.Context, messages ...work.Message) error {
	w.queue = append(w.queue, messages...)
	return nil
}

// mortal is a store whose worker dies.
type mortal struct {
	automation.Store
	w *world
}

func mortalCall[T any](w *world, call func() (T, error)) (T, error) {
	made, answered := w.call()
	var result T
	var err error
	if made {
		result, err = call()
	}
	if !answered {
		var none T
		return none, errDied
	}
	return result, err
}

func (m mortal) ClaimRun(ctx context.Context, r automation.Ref, lease string, now, until time.Time) (*automation.Run, error) {
	return mortalCall(m.w, func() (*automation.Run, error) { return m.Store.ClaimRun(ctx, r, lease, now, until) })
}

func (m mortal) KeepStep(ctx context.Context, r automation.Run, e automation.Execution) (bool, error) {
	return mortalCall(m.w, func() (bool, error) { return m.Store.KeepStep(ctx, r, e) })
}

func (m mortal) PutOffRun(ctx context.Context, r automation.Run, state automation.State, at time.Time) error {
	_, err := mortalCall(m.w, func() (bool, error) { return true, m.Store.PutOffRun(ctx, r, state, at) })
	return err
}

func (m mortal) EndRun(ctx context.Context, r automation.Run, state automation.State, why *automation.StepError, now time.Time) (bool, error) {
	return mortalCall(m.w, func() (bool, error) { return m.Store.EndRun(ctx, r, state, why, now) })
}

const eight = `{
	"trigger": {"type": "schedule", "every_minutes": 5},
	"steps": [
		{"id": "a", "type": "http", "url": "https://a.example"},
		{"id": "b", "type": "set", "values": {"x": "{{steps.a.body.of}}"}},
		{"id": "c", "type": "condition", "if": {"left": "vars.x", "op": "eq", "right": "a"}, "then": [{"id": "d", "type": "http", "url": "https://a.example"}]},
		{"id": "e", "type": "wait", "seconds": 60},
		{"id": "f", "type": "for_each", "items": "trigger.body.lines", "steps": [{"id": "g", "type": "http", "url": "https://a.example"}]},
		{"id": "h", "type": "http", "url": "https://a.example", "retry": {"attempts": 3, "backoff_seconds": 10}}
	]}`

// start stores a run of eight steps.
func start(t *testing.T, table dynamotest.Table, now time.Time) automation.Run {
	t.Helper()
	parsed, err := automation.Parse([]byte(eight), events)
	if err != nil {
		t.Fatal(err)
	}
	r := automation.Run{
		Ref:   automation.Ref{OrgID: table.Org(t, 0), AutomationID: automation.NewID(), ID: automation.NewID()},
		State: automation.Running, Cause: automation.BySchedule, Definition: parsed.Definition, Version: 1, StartedAt: now,
		Trigger: json.RawMessage(`{"body":{"lines":["x","y"]}}`),
	}
	if created, err := table.Store.CreateRun(t.Context(), r); !created || err != nil {
		t.Fatalf("got %t, %v, want a new run", created, err)
	}
	if created, err := table.Store.CreateRun(t.Context(), r); created || err != nil {
		t.Fatalf("again: got %t, %v, want nothing", created, err)
	}
	return r
}

// finish works on a run until it has ended, with a new worker after each death.
func (w *world) finish(t *testing.T, table dynamotest.Table, r automation.Run) automation.Run {
	t.Helper()
	message, err := json.Marshal(r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		worker := automation.Worker{Store: mortal{table.Store, w}, Effects: w, Workers: w, Now: w.clock}
		if err := worker.Work(t.Context(), message); err != nil && !errors.Is(err, errDied) {
			t.Fatal(err)
		}
		if w.dies > 0 && w.calls >= w.dies { // the next worker lives
			w.dies = 0
		}
		got, err := table.Store.Run(t.Context(), r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if got.State.Ended() {
			return got
		}
		w.now = w.now.Add(automation.LeaseTime + time.Second)
	}
	t.Fatal("got a run that does not end")
	return automation.Run{}
}

// Whatever call a worker dies at, each effect happens under one id, and the run completes.
func TestWorker_DiesAnywhere(t *testing.T) {
	table := dynamotest.Open(t)
	began := time.Now().UTC().Truncate(time.Second)
	play := func(t *testing.T, dies int, after bool) *world {
		w := &world{now: began, dies: dies, after: after, received: map[string]int{}}
		r := start(t, table, began)
		got := w.finish(t, table, r)
		if got.State != automation.Completed {
			t.Fatalf("got the state %s with %+v, want completed", got.State, got.Error)
		}
		want := map[string]bool{}
		for _, path := range []string{"a", "d", "f[0].g", "f[1].g", "h"} {
			want[r.EffectID(path)] = true
		}
		effects := map[string]bool{}
		for id := range w.received {
			effects[id] = true
		}
		if d := cmp.Diff(want, effects); d != "" {
			t.Errorf("ids of effects (-want +got):\n%s", d)
		}
		return w
	}
	calls := play(t, 0, false).calls
	if calls < 20 {
		t.Fatalf("got %d calls, want more", calls)
	}
	for dies := 1; dies <= calls; dies++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("at call %d, made: %t", dies, after), func(t *testing.T) { play(t, dies, after) })
		}
	}
}

func TestWorker_Failures(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	again := &automation.FailedError{Message: "status 503", Again: true}
	for _, test := range []struct {
		name     string
		fails    []error // of step h
		state    automation.State
		attempts int
		step     automation.StepState
		why      *automation.StepError
	}{
		{"twice, then well", []error{again, again}, automation.Completed, 3, automation.StepDone, nil},
		{"always", []error{again, again, again}, automation.Failed, 3, automation.StepFailed, &automation.StepError{Step: "h", Message: "status 503"}},
		{"for good", []error{&automation.FailedError{Message: "status 400"}}, automation.Failed, 1, automation.StepFailed, &automation.StepError{Step: "h", Message: "status 400"}},
		{"unknown", []error{&automation.FailedError{Message: "cut off", Unknown: true, Again: true}}, automation.Failed, 1, automation.StepUnknown, &automation.StepError{Step: "h", Message: "cut off"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &world{now: now, received: map[string]int{}, fails: map[string][]error{"h": test.fails}}
			r := start(t, table, now)
			got := w.finish(t, table, r)
			if d := cmp.Diff(test.why, got.Error); got.State != test.state || d != "" {
				t.Errorf("got the state %s, want %s; error (-want +got):\n%s", got.State, test.state, d)
			}
			if n := w.received[r.EffectID("h")]; n != test.attempts {
				t.Errorf("got %d attempts, want %d", n, test.attempts)
			}
			all, err := table.Store.Executions(t.Context(), r.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if last := all[len(all)-1]; last.Path != "h" || last.State != test.step {
				t.Errorf("got the last step %+v, want h %s", last, test.step)
			}
		})
	}
}

// A re-run keeps what came before its step, and does the rest under new ids.
func TestWorker_Rerun(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	w.finish(t, table, r)
	if err := table.Store.RerunRun(t.Context(), r.Ref, "f[1].g", w.now); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.RerunRun(t.Context(), r.Ref, "a", w.now); !errors.Is(err, automation.ErrRunning) {
		t.Errorf("a run that runs: got %v, want ErrRunning", err)
	}
	if got := w.finish(t, table, r); got.State != automation.Completed || got.Generation != 1 {
		t.Errorf("got %+v, want it completed again", got)
	}
	second := r
	second.Generation = 1
	want := map[string]int{}
	for _, path := range []string{"a", "d", "f[0].g", "f[1].g", "h"} {
		want[r.EffectID(path)] = 1
	}
	want[second.EffectID("f[1].g")], want[second.EffectID("h")] = 1, 1
	if d := cmp.Diff(want, w.received); d != "" {
		t.Errorf("effects (-want +got):\n%s", d)
	}
}

// A run that waits is cancelled at once, and does nothing more.
func TestWorker_Cancel(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	message, _ := json.Marshal(r.Ref)
	worker := automation.Worker{Store: table.Store, Effects: w, Workers: w, Now: w.clock}
	if err := worker.Work(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Store.Run(t.Context(), r.Ref); got.State != automation.Waiting || err != nil {
		t.Fatalf("got %s, %v, want a run that waits", got.State, err)
	}
	if err := table.Store.CancelRun(t.Context(), r.Ref, w.now); err != nil {
		t.Fatal(err)
	}
	if err := worker.Work(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got, err := table.Store.Run(t.Context(), r.Ref)
	if got.State != automation.Cancelled || err != nil || len(w.received) != 2 {
		t.Errorf("got %s, %v and %d effects, want it cancelled after 2", got.State, err, len(w.received))
	}
	if err := table.Store.CancelRun(t.Context(), r.Ref, w.now); !errors.Is(err, automation.ErrRunEnded) {
		t.Errorf("again: got %v, want ErrRunEnded", err)
	}
	other := r.Ref
	other.OrgID = table.Org(t, 0)
	if err := table.Store.CancelRun(t.Context(), other, w.now); !errors.Is(err, automation.ErrNoRun) {
		t.Errorf("another org: got %v, want ErrNoRun", err)
	}
}
