package faults_test

import (
	"slices"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

// The functions start the runs of a schedule and of events. Automations that each ask the other's
// agent run once for what a customer did.
func TestAutomations_StartedByFunctions(t *testing.T) {
	r := faultRig{rig.Start(t, 100*ledger.Credit)}
	other := r.Table.Agent(t, r.Org, "be brief")
	at := time.Now().UTC().Truncate(time.Millisecond)
	publish := func(trigger automation.Trigger, agentID string) automation.Automation {
		a := automation.Automation{ID: automation.NewID(), OrgID: r.Org, Name: "test", CreatedAt: at, UpdatedAt: at, Revision: 1}
		if err := r.Store.CreateAutomation(t.Context(), nil, a); err != nil {
			t.Fatal(err)
		}
		a, err := r.Store.ChangeAutomation(t.Context(), nil, r.Org, a.ID, at, func(a *automation.Automation) (err error) {
			steps := []automation.Step{{ID: "ask", Type: automation.Agent, AgentID: agentID, Prompt: "[[words 2]]"}}
			a.Published = &automation.Published{Draft: automation.Draft{Definition: automation.Definition{Trigger: trigger, Steps: steps}}, Version: 1, At: at}
			a.Due, err = automation.NextDue(trigger, at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	schedule := publish(automation.Trigger{Type: automation.Schedule, EveryMinutes: 1}, r.Agent.ID)
	ping := publish(automation.Trigger{Type: automation.OnEvent, Event: event.TurnCompleted, AgentID: r.Agent.ID}, other.ID)
	pong := publish(automation.Trigger{Type: automation.OnEvent, Event: event.TurnCompleted, AgentID: other.ID}, r.Agent.ID)

	completed := func(a automation.Automation, want int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
			runs, _, err := r.Store.Runs(t.Context(), r.Org, a.ID, "", "", 100)
			if err != nil {
				t.Fatal(err)
			}
			done := func(run automation.Run) bool { return run.State == automation.Completed }
			if len(runs) == want && !slices.ContainsFunc(runs, func(run automation.Run) bool { return !done(run) }) {
				return
			}
			if len(runs) > want || time.Now().After(end) {
				t.Fatalf("got runs %+v, want %d completed", runs, want)
			}
		}
	}
	r.sweep(t, schedule.Due.Add(time.Second))
	completed(schedule, 1)
	thread := r.Thread(t)
	for n := range 2 { // the stream is in order: before the second run, the events of the first were seen
		r.Warm(t, thread)
		completed(ping, n+1)
	}
	completed(pong, 0)
	completed(schedule, 1)
}
