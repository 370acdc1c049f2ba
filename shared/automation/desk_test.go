package automation_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/work"
)

func (w *world) desk(table dynamotest.Table) *automation.Desk {
	return &automation.Desk{Store: table.Store, Workers: w, Now: w.clock}
}

// work has a worker work on a run once.
func (w *world) work(t *testing.T, table dynamotest.Table, r automation.Run) automation.Run {
	t.Helper()
	message, err := json.Marshal(r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	worker := automation.Worker{Store: table.Store, Effects: w, Workers: w, Now: w.clock}
	if err := worker.Work(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	got, err := table.Store.Run(t.Context(), r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// paths returns the steps that a run has begun, with their states.
func paths(t *testing.T, table dynamotest.Table, r automation.Run) []string {
	t.Helper()
	_, steps, err := automation.FindRun(t.Context(), table.Store, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range steps {
		all = append(all, s.Execution.Path+" "+string(s.Execution.State))
	}
	return all
}

// A re-run keeps what came before its step, and does the rest under new ids.
func TestDesk_Rerun(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	desk := w.desk(table)
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, ""); !errors.Is(err, automation.ErrRunning) {
		t.Errorf("a run that has not ended: got %v, want ErrRunning", err)
	}
	w.finish(t, table, r)
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, "f[2].g"); !errors.Is(err, automation.ErrFromStep) {
		t.Errorf("a step that was not begun: got %v, want ErrFromStep", err)
	}
	w.queue = nil
	if got, err := desk.Rerun(t.Context(), nil, r.Ref, "f[1].g"); err != nil || got.State != automation.Running || len(w.queue) != 1 {
		t.Fatalf("got %+v, %v and %d messages, want a run that runs and one", got, err, len(w.queue))
	}
	if got := w.finish(t, table, r); got.State != automation.Completed || got.Generation != 1 {
		t.Errorf("got %+v, want it completed again", got)
	}
	second, third := r, r
	second.Generation, third.Generation = 1, 2
	want := map[string]int{second.EffectID("f[1].g"): 1, second.EffectID("h"): 1}
	all := []string{"a", "d", "f[0].g", "f[1].g", "h"}
	for _, path := range all {
		want[r.EffectID(path)] = 1
	}
	if d := cmp.Diff(want, w.received); d != "" {
		t.Errorf("effects (-want +got):\n%s", d)
	}
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, ""); err != nil {
		t.Fatal(err)
	}
	if got := paths(t, table, r); got != nil {
		t.Errorf("before its first step: got the steps %q, want none", got)
	}
	w.finish(t, table, r)
	for _, path := range all {
		want[third.EffectID(path)] = 1
	}
	if d := cmp.Diff(want, w.received); d != "" {
		t.Errorf("effects of a re-run of all steps (-want +got):\n%s", d)
	}
	steps := []string{"a done", "b done", "c done", "d done", "e done", "f done", "f[0].g done", "f[1].g done", "h done"}
	if d := cmp.Diff(steps, paths(t, table, r)); d != "" {
		t.Errorf("steps in their order (-want +got):\n%s", d)
	}
	w.now = now.Add(automation.MaxAge + time.Second)
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, ""); !errors.Is(err, automation.ErrTooOld) {
		t.Errorf("an old run: got %v, want ErrTooOld", err)
	}
}

// rerunOften shows runs as they are after many re-runs.
type rerunOften struct{ automation.RunChanger }

func (r rerunOften) Run(ctx context.Context, ref automation.Ref) (automation.Run, error) {
	run, err := r.RunChanger.Run(ctx, ref)
	run.Generation = automation.MaxReruns
	return run, err
}

// The rows that the re-runs of a run leave are bounded.
func TestDesk_RerunOften(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{now: time.Now().UTC().Truncate(time.Second), received: map[string]int{}}
	r := w.finish(t, table, start(t, table, w.now))
	desk := w.desk(table)
	desk.Store = rerunOften{desk.Store}
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, ""); !errors.Is(err, automation.ErrTooOften) {
		t.Errorf("got %v, want ErrTooOften", err)
	}
}

// Of many re-runs at once, one starts.
func TestDesk_RerunAtOnce(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	ended := w.finish(t, table, r)
	var started atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			switch _, err := table.Store.RerunRun(t.Context(), nil, ended, "a", now); {
			case err == nil:
				started.Add(1)
			case !errors.Is(err, automation.ErrRunning):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := table.Store.Run(t.Context(), r.Ref); err != nil || started.Load() != 1 || got.Generation != 1 {
		t.Errorf("got %d re-runs and generation %d, %v, want one", started.Load(), got.Generation, err)
	}
	ended.ID = automation.NewID()
	if _, err := table.Store.RerunRun(t.Context(), nil, ended, "a", now); !errors.Is(err, automation.ErrNoRun) {
		t.Errorf("a run that is none: got %v, want ErrNoRun", err)
	}
}

// A run that waits is cancelled at once, and does nothing more.
func TestDesk_CancelWaiting(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	if got := w.work(t, table, r); got.State != automation.Waiting {
		t.Fatalf("got %s, want a run that waits", got.State)
	}
	desk := w.desk(table)
	if got, err := desk.Cancel(t.Context(), nil, r.Ref); err != nil || got.State != automation.Waiting {
		t.Fatalf("got %s, %v, want the run as it is", got.State, err)
	}
	if got := w.work(t, table, r); got.State != automation.Cancelled || len(w.received) != 2 {
		t.Errorf("got %s and %d effects, want it cancelled after 2", got.State, len(w.received))
	}
	if _, err := desk.Cancel(t.Context(), nil, r.Ref); !errors.Is(err, automation.ErrRunEnded) {
		t.Errorf("again: got %v, want ErrRunEnded", err)
	}
	other := r.Ref
	other.OrgID = table.Org(t, 0)
	if _, err := desk.Cancel(t.Context(), nil, other); !errors.Is(err, automation.ErrNotFound) {
		t.Errorf("another org: got %v, want ErrNotFound", err)
	}
	if _, err := table.Store.CancelRun(t.Context(), nil, other, w.now); !errors.Is(err, automation.ErrNoRun) {
		t.Errorf("another org: got %v, want ErrNoRun", err)
	}
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, "e"); err != nil {
		t.Fatal(err)
	}
	if got := w.finish(t, table, r); got.State != automation.Completed {
		t.Errorf("got %s, want a cancelled run completed by its re-run", got.State)
	}
}

// A step that is under way ends, whether it is the last attempt or not; nothing begins after it.
func TestDesk_CancelDuringStep(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	again := &automation.FailedError{Message: "status 503", Again: true}
	for _, test := range []struct {
		name  string
		step  string
		fails []error
		state automation.State
		last  string
	}{
		{"that ends well", "a", nil, automation.Cancelled, "c done"},
		{"that would be tried again", "a", []error{again}, automation.Cancelled, "a begun"},
		{"that fails", "a", []error{&automation.FailedError{Message: "status 400"}}, automation.Failed, "a failed"},
		{"that is the last one", "h", nil, automation.Completed, "h done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := start(t, table, now)
			w := &world{now: now, received: map[string]int{}, fails: map[string][]error{test.step: test.fails}}
			w.during = func(path string) {
				if path != test.step {
					return
				}
				if _, err := w.desk(table).Cancel(t.Context(), nil, r.Ref); err != nil {
					t.Error(err)
				}
				w.work(t, table, r) // the message of the cancellation finds the run taken
			}
			got := w.finish(t, table, r)
			steps := paths(t, table, r)
			if last := steps[len(steps)-1]; got.State != test.state || last != test.last {
				t.Errorf("got %s after the step %s, want %s after %s", got.State, last, test.state, test.last)
			}
		})
	}
}

// The runs of a deleted automation are cancelled when a worker takes them.
func TestWorker_AutomationDeleted(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	w.work(t, table, r)
	if err := table.Store.DeleteAutomation(t.Context(), nil, r.OrgID, r.AutomationID); err != nil {
		t.Fatal(err)
	}
	if got := w.finish(t, table, r); got.State != automation.Cancelled || len(w.received) != 2 {
		t.Errorf("got %s and %d effects, want it cancelled after 2", got.State, len(w.received))
	}
	if _, _, err := automation.FindRun(t.Context(), table.Store, r.Ref); !errors.Is(err, automation.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if _, err := w.desk(table).Rerun(t.Context(), nil, r.Ref, ""); !errors.Is(err, automation.ErrNotFound) {
		t.Errorf("a re-run: got %v, want ErrNotFound", err)
	}
}

// Runs of a state are found page by page.
func TestStore_Runs(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	first := start(t, table, now)
	ids := []string{first.ID}
	w.finish(t, table, first)
	for range 4 {
		r := first
		r.ID = automation.NewID()
		if _, err := table.Store.CreateRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		ids = append([]string{r.ID}, ids...)
	}
	for _, test := range []struct {
		state automation.State
		want  []string
	}{{"", ids}, {automation.Running, ids[:4]}, {automation.Completed, ids[4:]}, {automation.Failed, nil}} {
		var got []string
		for after := ""; ; {
			page, next, err := table.Store.Runs(t.Context(), first.OrgID, first.AutomationID, test.state, after, 2)
			if err != nil || len(page) > 2 {
				t.Fatal(len(page), err)
			}
			for _, r := range page {
				got = append(got, r.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("state %q (-want +got):\n%s", test.state, d)
		}
	}
}

// silent is a queue that loses all messages.
type silent struct{}

func (silent) Send(context.Context, ...work.Message) error {
	return errors.New("the queue is not reached")
}

// If the message of a cancellation or a re-run is lost, the next sweep wakes a worker.
func TestDesk_LostMessages(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}}
	r := start(t, table, now)
	w.work(t, table, r) // it waits for a minute
	desk := &automation.Desk{Store: table.Store, Workers: silent{}, Now: w.clock}
	swept := func(want automation.State) {
		t.Helper()
		w.queue = nil
		if err := work.Sweep(table.Store.WaitingRuns(), w)(t.Context(), w.now); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(w.queue, func(m work.Message) bool { return m.Body == r.Ref })
		if i < 0 || w.queue[i].After > 0 {
			t.Fatalf("got the messages %+v, want one of the run at once", w.queue)
		}
		if got := w.work(t, table, r); got.State != want {
			t.Errorf("got %s, want %s", got.State, want)
		}
	}
	if _, err := desk.Cancel(t.Context(), nil, r.Ref); err != nil {
		t.Fatal(err)
	}
	swept(automation.Cancelled)
	if _, err := desk.Rerun(t.Context(), nil, r.Ref, "a"); err != nil {
		t.Fatal(err)
	}
	swept(automation.Waiting)
}
