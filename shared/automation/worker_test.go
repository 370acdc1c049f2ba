package automation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
	output   string             // of every effect; empty: a short one
	during   func(path string)  // an effect
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
	if w.during != nil {
		w.during(p.Path)
	}
	if made {
		w.received[id]++
		if fails := w.fails[p.Path]; len(fails) >= w.received[id] {
			err = fails[w.received[id]-1]
		}
	}
	if !answered {
		return nil, nil, errDied
	}
	if w.output != "" {
		return nil, json.RawMessage(w.output), err
	}
	return json.RawMessage(`{"url":"https://a.example"}`), json.RawMessage(fmt.Sprintf(`{"status":200,"body":{"of":%q}}`, p.Path)), err
}

func (w *world) Send(_ context.Context, messages ...work.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
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
	return startOf(t, table, eight, `{"body":{"lines":["x","y"]}}`, now)
}

// startOf stores a published automation and a run of it.
func startOf(t *testing.T, table dynamotest.Table, definition, trigger string, now time.Time) automation.Run {
	t.Helper()
	parsed, err := automation.Parse([]byte(definition), events)
	if err != nil {
		t.Fatal(err)
	}
	draft := automation.Draft{Definition: parsed.Definition}
	a := automation.Automation{
		ID: automation.NewID(), OrgID: table.Org(t, 0), Name: "Orders", Draft: draft, Revision: 1, CreatedAt: now, UpdatedAt: now,
		Published: &automation.Published{Draft: draft, Version: 1, At: now},
	}
	if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	r := a.Start(automation.NewID(), automation.BySchedule, json.RawMessage(trigger), now)
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

// Whatever call a worker dies at, a step that fails fails its run, and is not made again by the
// worker that finds it failed.
func TestWorker_DiesWhileFailing(t *testing.T) {
	table := dynamotest.Open(t)
	began := time.Now().UTC().Truncate(time.Second)
	play := func(t *testing.T, dies int, after bool) *world {
		w := &world{now: began, dies: dies, after: after, received: map[string]int{}, fails: map[string][]error{"d": {
			&automation.FailedError{Message: "status 400"}, &automation.FailedError{Message: "status 400"},
		}}}
		r := start(t, table, began)
		got := w.finish(t, table, r)
		want := automation.StepError{Step: "d", Message: "status 400"}
		if d := cmp.Diff(&want, got.Error); got.State != automation.Failed || d != "" {
			t.Fatalf("got the state %s, want failed; error (-want +got):\n%s", got.State, d)
		}
		if n := w.received[r.EffectID("d")]; n > 2 || dies == 0 && n != 1 {
			t.Errorf("got %d attempts, want one, and another one only if its record was lost", n)
		}
		return w
	}
	calls := play(t, 0, false).calls
	for dies := 1; dies <= calls; dies++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("at call %d, made: %t", dies, after), func(t *testing.T) { play(t, dies, after) })
		}
	}
}

// A worker whose lease has expired during a step changes nothing of what the next worker did,
// even if the run was run again meanwhile.
func TestWorker_LosesLease(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	for _, test := range []struct {
		name  string
		err   error // of the slow worker's step
		rerun bool
	}{
		{"its step ends well", nil, false},
		{"its step fails", &automation.FailedError{Message: "status 400"}, false},
		{"its step would be tried again", &automation.FailedError{Message: "status 503", Again: true}, false},
		{"its step fails, and the run was run again", &automation.FailedError{Message: "status 400"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := start(t, table, now)
			slow := &world{now: now, received: map[string]int{}}
			if test.err != nil {
				slow.fails = map[string][]error{"a": {test.err}}
			}
			next := &world{now: now.Add(automation.LeaseTime + time.Second), received: map[string]int{}}
			slow.during = func(string) {
				slow.during = nil
				next.finish(t, table, r)
				if !test.rerun {
					return
				}
				if _, err := next.desk(table).Rerun(t.Context(), nil, r.Ref, ""); err != nil {
					t.Error(err)
				}
				next.finish(t, table, r)
			}
			if got := slow.work(t, table, r); got.State != automation.Completed || got.Error != nil {
				t.Errorf("got %s with %+v, want completed", got.State, got.Error)
			}
			if got := paths(t, table, r); got[0] != "a done" || len(got) != 9 {
				t.Errorf("got the steps %q, want all done", got)
			}
			if len(slow.received) != 1 {
				t.Errorf("got %d effects of the slow worker, want one", len(slow.received))
			}
		})
	}
}

// A run does not last for ever.
func TestWorker_MaxAge(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	w.work(t, table, r)
	w.now = now.Add(automation.MaxAge + time.Second)
	got := w.finish(t, table, r)
	want := automation.StepError{Message: "The run has lasted longer than 60 days"}
	if d := cmp.Diff(&want, got.Error); got.State != automation.Failed || d != "" {
		t.Errorf("got %s; error (-want +got):\n%s", got.State, d)
	}
}

// Many workers with the same messages make each effect once.
func TestWorker_DuplicateMessages(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	const items = 15
	r := startOf(t, table, many, `{"body":[`+strings.TrimSuffix(strings.Repeat("1,", items), ",")+`]}`, now)
	message, err := json.Marshal(r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			worker := automation.Worker{Store: table.Store, Effects: w, Workers: silent{}, Now: w.clock}
			for range 4 {
				if err := worker.Work(t.Context(), message); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want := map[string]int{}
	for i := range items {
		want[r.EffectID(fmt.Sprintf("f[%d].g", i))] = 1
	}
	got, err := table.Store.Run(t.Context(), r.Ref)
	if d := cmp.Diff(want, w.received); d != "" || got.State != automation.Completed || err != nil {
		t.Errorf("got %s, %v; effects (-want +got):\n%s", got.State, err, d)
	}
}
