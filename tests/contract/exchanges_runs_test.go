package contract_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
)

const (
	runsPath  = "/api/v1/automations/$RUN_AUTOMATION/runs"
	runPath   = runsPath + "/$RUN"
	endedPath = runsPath + "/$ENDED_RUN"
	noRun     = runsPath + "/" + nowhere
)

var runs = slices.Concat(
	managers("manage-run-list", get, runsPath, ""),
	of("manage-run-list",
		exchange{method: get, path: runsPath, status: 200},
		exchange{method: get, path: runsPath + "?state=failed&limit=1", status: 200},
		exchange{method: get, path: runsPath + "?limit=1", key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: runsPath + "?state=done", status: 400},
		exchange{method: get, path: runsPath + "?state=", status: 400},
		exchange{method: get, path: runsPath + "?limit=101", status: 400},
		exchange{method: get, path: runsPath + "?cursor=x", status: 400},
		exchange{method: get, path: "/api/v1/automations/$OTHER_AUTOMATION/runs", status: 404},
		exchange{method: get, path: "/api/v1/automations/" + nowhere + "/runs", status: 404},
		exchange{method: get, path: "/api/v1/automations/nothing/runs", status: 404},
	),

	managers("manage-run-get", get, endedPath, ""),
	of("manage-run-get",
		exchange{method: get, path: endedPath, status: 200},
		exchange{method: get, path: runPath, key: "$MEMBER_SESSION", status: 200},
		exchange{method: get, path: runPath, key: "$OTHER_KEY", status: 404},
		exchange{method: get, path: noRun, status: 404},
		exchange{method: get, path: runsPath + "/nothing", status: 404},
		exchange{method: get, path: "/api/v1/automations/nothing/runs/$RUN", status: 404},
		exchange{method: get, path: "/api/v1/automations/$OTHER_AUTOMATION/runs/$RUN", status: 404},
	),

	managers("manage-run-cancel", post, runPath+"/cancel", ""),
	of("manage-run-cancel",
		exchange{method: post, path: runPath + "/cancel", header: once, status: 202, writes: true},
		exchange{method: post, path: runPath + "/cancel", key: "$MEMBER_SESSION", status: 202, writes: true},
		exchange{method: post, path: endedPath + "/cancel", status: 409},
		exchange{method: post, path: noRun + "/cancel", status: 404},
		exchange{method: post, path: runsPath + "/nothing/cancel", status: 404},
		exchange{method: post, path: "/api/v1/automations/nothing/runs/$RUN/cancel", status: 404},
		exchange{method: post, path: runPath + "/cancel", key: "$OTHER_KEY", status: 404},
	),

	managers("manage-run-rerun", post, endedPath+"/rerun", ""),
	of("manage-run-rerun",
		exchange{method: post, path: endedPath + "/rerun", header: once, status: 202, writes: true},
		exchange{method: post, path: endedPath + "/rerun", body: `{}`, key: "$MEMBER_SESSION", status: 202, writes: true},
		exchange{method: post, path: endedPath + "/rerun", body: `{"from_step":"each[0].notify"}`, status: 202, writes: true},
		exchange{method: post, path: endedPath + "/rerun", body: `{"from_step":null}`, status: 202, writes: true},
		exchange{method: post, path: endedPath + "/rerun", body: `{"from_step":"each[1].notify"}`, status: 400},
		exchange{method: post, path: endedPath + "/rerun", body: `{"from_step":""}`, status: 400},
		exchange{method: post, path: endedPath + "/rerun", body: `{"from_step":1}`, status: 400},
		exchange{method: post, path: endedPath + "/rerun", body: `[]`, status: 400},
		exchange{method: post, path: endedPath + "/rerun", body: `{`, status: 400},
		exchange{method: post, path: runPath + "/rerun", status: 409},
		exchange{method: post, path: noRun + "/rerun", status: 404},
		exchange{method: post, path: runsPath + "/nothing/rerun", status: 404},
		exchange{method: post, path: "/api/v1/automations/nothing/runs/$RUN/rerun", status: 404},
		exchange{method: post, path: endedPath + "/rerun", key: "$OTHER_KEY", status: 404},
	),
)

// runAutomation stores a published automation with a loop.
func (w *world) runAutomation(t *testing.T, org string) automation.Automation {
	t.Helper()
	const each = `{"id":"each","type":"for_each","items":"trigger.body","steps":[{"id":"notify","type":"http","url":"https://a.example/"}]}`
	a, err := w.Store.Automation(t.Context(), org, w.automation(t, org, aClock, each, (*automation.Automation).Publish))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// renewRuns starts two runs of an automation. One of them has failed.
func (w *world) renewRuns(t *testing.T) {
	t.Helper()
	id := w.names["RUN_AUTOMATION"]
	if id == "" {
		id = nowhere
	}
	a, err := w.Store.Automation(t.Context(), w.org, id)
	if errors.Is(err, automation.ErrNotFound) { // the renewal of automations deletes all
		a, err = w.runAutomation(t, w.org), nil
		w.names["RUN_AUTOMATION"] = a.ID
	}
	if err != nil {
		t.Fatal(err)
	}
	ended, running := w.startRun(t, a), w.startRun(t, a)
	w.failRun(t, ended)
	maps.Copy(w.names, map[string]string{"RUN": running.ID, "ENDED_RUN": ended.ID})
}

func (w *world) startRun(t *testing.T, a automation.Automation) automation.Run {
	t.Helper()
	r := a.Start(automation.NewID(), automation.BySchedule, json.RawMessage(`{"body":["tea"]}`), w.Now())
	if created, err := w.Store.CreateRun(t.Context(), r); err != nil || !created {
		t.Fatalf("got %t, %v, want a new run", created, err)
	}
	return r
}

// failRun ends a run after its second step.
func (w *world) failRun(t *testing.T, r automation.Run) {
	t.Helper()
	claimed, err := w.Store.ClaimRun(t.Context(), r.Ref, "lease", w.Now(), w.Now().Add(time.Minute))
	if err != nil || claimed == nil {
		t.Fatalf("got %v, %v, want a run", claimed, err)
	}
	for _, e := range []automation.Execution{
		{Path: "each", State: automation.StepDone, Output: json.RawMessage(`{"count":1,"items":["tea"]}`), BegunAt: w.Now(), EndedAt: w.Now()},
		{
			Path: "each[0].notify", State: automation.StepFailed, Attempts: 3, Input: json.RawMessage(`{"url":"https://a.example/"}`), Error: "The answer has the status 500",
			BegunAt: w.Now(), EndedAt: w.Now(),
		},
	} {
		if ours, err := w.Store.KeepStep(t.Context(), *claimed, e); err != nil || !ours {
			t.Fatal(ours, err)
		}
	}
	why := &automation.StepError{Step: "each[0].notify", Message: "The answer has the status 500"}
	if ours, err := w.Store.EndRun(t.Context(), *claimed, automation.Failed, why, w.Now()); err != nil || !ours {
		t.Fatal(ours, err)
	}
}
