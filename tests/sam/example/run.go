package example

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo"
)

const (
	runAutomationID = "019b76da-a800-7000-8000-0000000000f0" // published
	runID           = "019b76da-a800-7000-8000-0000000000f1" // for cancellation
	endedRunID      = "019b76da-a800-7000-8000-0000000000f3" // failed, to be run again
)

// createRuns stores a published automation with two runs.
func createRuns(ctx context.Context, store *dynamo.Store) error {
	draft := automation.Draft{Definition: automation.Definition{
		Trigger: automation.Trigger{Type: automation.Schedule, EveryMinutes: 15},
		Steps:   []automation.Step{{ID: "ask", Type: automation.Agent, AgentID: agentID, Prompt: "What is new?"}},
	}}
	a := automation.Automation{
		ID: runAutomationID, OrgID: orgID, Name: "News", Draft: draft, Published: &automation.Published{Draft: draft, Version: 1, At: madeAt},
		CreatedAt: madeAt, UpdatedAt: madeAt, Revision: 1,
	}
	if err := store.CreateAutomation(ctx, nil, a); err != nil {
		return err
	}
	now := time.Now()
	ended := a.Start(endedRunID, automation.BySchedule, json.RawMessage(`{}`), now)
	_, err := store.CreateRun(ctx, a.Start(runID, automation.BySchedule, json.RawMessage(`{}`), now))
	_, endedErr := store.CreateRun(ctx, ended)
	if err := errors.Join(err, endedErr); err != nil {
		return err
	}
	claimed, err := store.ClaimRun(ctx, ended.Ref, "example", now, now.Add(time.Minute))
	if err != nil || claimed == nil {
		return errors.Join(errors.New("the run was not claimed"), err)
	}
	_, err = store.KeepStep(ctx, *claimed, automation.Execution{Path: "ask", State: automation.StepFailed, Attempts: 1, Error: "No credits", BegunAt: now, EndedAt: now})
	_, endErr := store.EndRun(ctx, *claimed, automation.Failed, &automation.StepError{Step: "ask", Message: "No credits"}, now)
	return errors.Join(err, endErr)
}
