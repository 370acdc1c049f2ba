package automation_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/work"
)

// slow are effects that take until they are released.
type slow struct{ begun, release chan struct{} }

func (s slow) Do(context.Context, automation.Run, automation.Position, string) (input, output json.RawMessage, err error) {
	s.begun <- struct{}{}
	<-s.release
	return nil, json.RawMessage(`{"status":200}`), nil
}

// However many workers there are, ten runs of an org work at a time. The others are put off, and a
// run of another org is not.
func TestWorker_Slots(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	const (
		runs = 30
		one  = `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [{"id": "a", "type": "http", "url": "https://a.example"}]}`
	)
	first := startOf(t, table, one, `{}`, now)
	all := []automation.Run{first}
	for len(all) < runs {
		r := first
		r.ID = automation.NewID()
		if _, err := table.Store.CreateRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	effects, returned := slow{make(chan struct{}), make(chan struct{})}, make(chan error, runs)
	for _, r := range all {
		message, err := json.Marshal(r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		worker := automation.Worker{Store: table.Store, Effects: effects, Workers: silent{}, Now: func() time.Time { return now }}
		go func() { returned <- worker.Work(context.WithoutCancel(t.Context()), message) }()
	}
	begun, putOff := 0, 0
	for begun+putOff < runs {
		select {
		case <-effects.begun:
			begun++
		case err := <-returned:
			if err != nil {
				t.Error(err)
			}
			putOff++
		}
	}
	if begun != work.AutomationSlots {
		t.Errorf("got %d runs that work, %d put off, want %d that work", begun, putOff, work.AutomationSlots)
	}
	other := startOf(t, table, one, `{}`, now)
	w := &world{now: now, received: map[string]int{}}
	if got := w.work(t, table, other); got.State != automation.Completed {
		t.Errorf("got %s for a run of another org, want completed", got.State)
	}
	close(effects.release)
	for range begun {
		if err := <-returned; err != nil {
			t.Error(err)
		}
	}
	w.now = now.Add(work.SlotTime)
	completed, putBack := 0, 0
	for _, r := range all { // those that were put off have slots now
		switch got := w.work(t, table, r); got.State {
		case automation.Completed:
			completed++
		default:
			putBack++
		}
	}
	if completed != runs {
		t.Errorf("got %d runs completed and %d not, want all", completed, putBack)
	}
}
