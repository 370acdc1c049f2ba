package automation_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// A worker that has little time left leaves the next step to another one: a minute is enough for
// a request, and not for a turn. Each worker takes at least one step.
func TestWorker_LittleTime(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	r := startOf(t, table, `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [
		{"id": "a", "type": "http", "url": "https://a.example"},
		{"id": "b", "type": "http", "url": "https://a.example"},
		{"id": "c", "type": "agent", "agent_id": "a", "prompt": "hi"}]}`, `{}`, now)
	w := &world{now: now, received: map[string]int{}}
	message, err := json.Marshal(r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	worker := automation.Worker{Store: table.Store, Effects: w, Workers: w, Now: w.clock}
	for _, want := range []struct {
		effects, woken int
		state          automation.State
	}{{2, 1, automation.Running}, {3, 1, automation.Completed}} {
		if err := worker.Work(ctx, message); err != nil {
			t.Fatal(err)
		}
		got, err := table.Store.Run(t.Context(), r.Ref)
		if d := cmp.Diff(want.state, got.State); d != "" || err != nil || len(w.received) != want.effects || len(w.queue) != want.woken {
			t.Errorf("got the run %s, %v after %d effects with %d messages, want %+v", got.State, err, len(w.received), len(w.queue), want)
		}
	}
}
