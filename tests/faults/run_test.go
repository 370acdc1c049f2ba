package faults_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
)

// What follows the end of two runs dies at each of its calls of the table, the queue and the
// receiver, before the call is made or before its answer arrives. The completed and the failed run
// have one event each, the cancelled one has none, and a re-run has another.
func TestRunEnded_DiesAnywhere(t *testing.T) {
	for _, made := range []bool{false, true} {
		for calls, lived := 0, false; !lived; calls++ {
			t.Run(fmt.Sprintf("after %d calls, the last is made: %t", calls, made), func(t *testing.T) {
				r := newEventRig(t, &life{immortal: true})
				whole := r.Beside()
				r.want, r.wantEnd, r.changes = nil, nil, nil
				for _, state := range []automation.State{automation.Completed, automation.Failed, automation.Cancelled} {
					r.endedRun(t, whole, state)
				}
				r.life.immortal, r.life.left, r.life.made = false, calls, made
				r.follow(t, r.changes)
				r.work(t)
				lived = !r.life.dead

				r.life.dead, r.life.immortal = false, true
				r.follow(t, r.changes)
				r.settleDown(t)
				r.check(t)
			})
			if lived && calls < 8 {
				t.Errorf("it takes %d calls: the test is about nothing", calls)
			}
		}
	}
}

// endedRun ends a run, twice if it fails, with its changes as the stream has them.
func (r *eventRig) endedRun(t *testing.T, table dynamotest.Table, state automation.State) {
	t.Helper()
	run := automation.Run{
		Ref:  automation.Ref{OrgID: r.org, AutomationID: automation.NewID(), ID: automation.NewID()},
		Name: "Orders", Version: 1, State: automation.Running, Cause: automation.BySchedule, Trigger: json.RawMessage(`{}`), StartedAt: r.now,
	}
	if _, err := table.Store.CreateRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	end := func(reruns int, state automation.State, why *automation.StepError) {
		claimed, err := table.Store.ClaimRun(t.Context(), run.Ref, fmt.Sprintf("lease %d", reruns), r.now, r.now.Add(time.Minute))
		if err != nil || claimed == nil {
			t.Fatalf("got %v, %v, want a run", claimed, err)
		}
		before := table.Items(t)
		if ours, err := table.Store.EndRun(t.Context(), *claimed, state, why, r.now); err != nil || !ours {
			t.Fatal(ours, err)
		}
		r.changes = append(r.changes, r.changed(t, table, before)...)
		if state != automation.Cancelled {
			r.want = append(r.want, fmt.Sprintf("evt_%s_ended_%d", run.ID, reruns))
		}
	}
	if state != automation.Failed {
		end(0, state, nil)
		return
	}
	end(0, state, &automation.StepError{Step: "notify", Message: "status 500"})
	ended, err := table.Store.Run(t.Context(), run.Ref)
	if err != nil {
		t.Fatal(err)
	}
	before := table.Items(t)
	if _, err := table.Store.RerunRun(t.Context(), nil, ended, "notify", r.now); err != nil {
		t.Fatal(err)
	}
	if got := r.changed(t, table, before); len(got) != 0 {
		t.Errorf("got %d events of the start of a re-run, want none", len(got))
	}
	end(1, automation.Completed, nil)
}

// An event of a failed run has the step and the reason.
func TestRunEnded_Body(t *testing.T) {
	r := newEventRig(t, &life{immortal: true})
	r.changes = nil
	r.endedRun(t, r.Beside(), automation.Failed)
	var got []string
	for _, c := range r.changes {
		for _, e := range c.Happening().Events {
			body, err := e.Body()
			if err != nil {
				t.Fatal(err)
			}
			data := body[strings.Index(string(body), `"data":`):]
			text := strings.NewReplacer(r.org, "<org>", c.Run.ID, "<run>", c.Run.AutomationID, "<automation>").Replace(string(data))
			got = append(got, e.Type+" "+text)
		}
	}
	want := []string{
		event.RunFailed + ` "data":{"org_id":"<org>","agent_id":null,"automation":{"id":"<automation>","name":"Orders"},"run":{"id":"<run>","state":"failed","error":{"step":"notify","message":"status 500"}}}}`,
		event.RunCompleted + ` "data":{"org_id":"<org>","agent_id":null,"automation":{"id":"<automation>","name":"Orders"},"run":{"id":"<run>","state":"completed"}}}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}
