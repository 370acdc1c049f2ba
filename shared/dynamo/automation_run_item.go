package dynamo

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/work"
)

// automationRunRow is a run as lists show it. due_pk and due exist while it has not ended.
type automationRunRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	DuePK string `dynamodbav:"due_pk,omitempty"`
	Due   int64  `dynamodbav:"due,omitempty"`

	ID           string  `dynamodbav:"id"`
	OrgID        string  `dynamodbav:"org_id"`
	AutomationID string  `dynamodbav:"automation_id"`
	Name         string  `dynamodbav:"name,omitempty"`
	Version      int     `dynamodbav:"version"`
	State        string  `dynamodbav:"state"`
	Cause        string  `dynamodbav:"cause"`
	Generation   int     `dynamodbav:"generation,omitempty"`
	From         string  `dynamodbav:"from_step,omitempty"`
	Cancelled    bool    `dynamodbav:"cancelled,omitempty"`
	Error        *runErr `dynamodbav:"error,omitempty"`
	StartedAt    string  `dynamodbav:"started_at"`
	EndedAt      string  `dynamodbav:"ended_at,omitempty"`
	Claims       int     `dynamodbav:"claims,omitempty"`
	Lease        string  `dynamodbav:"lease,omitempty"`
	Stopped      bool    `dynamodbav:"stopped,omitempty"` // it has completed or failed, which causes an event
	Expires      int64   `dynamodbav:"expires,omitempty"`
}

type runErr struct {
	Step    string `dynamodbav:"step"`
	Message string `dynamodbav:"message"`
}

// automationDataRow has a run's definition and trigger as JSON.
type automationDataRow struct {
	PK         string            `dynamodbav:"pk"`
	SK         string            `dynamodbav:"sk"`
	Definition []byte            `dynamodbav:"definition"`
	Secrets    map[string][]byte `dynamodbav:"secrets,omitempty"`
	Trigger    []byte            `dynamodbav:"trigger"`
	Expires    int64             `dynamodbav:"expires"`
}

// automationStepRow is an execution.
type automationStepRow struct {
	PK         string `dynamodbav:"pk"`
	SK         string `dynamodbav:"sk"`
	Path       string `dynamodbav:"path"`
	Generation int    `dynamodbav:"generation"`
	State      string `dynamodbav:"state"`
	Attempts   int    `dynamodbav:"attempts,omitempty"`
	Input      []byte `dynamodbav:"input,omitempty"`
	Output     []byte `dynamodbav:"output,omitempty"`
	Error      string `dynamodbav:"error,omitempty"`
	Until      string `dynamodbav:"until,omitempty"`
	BegunAt    string `dynamodbav:"begun_at"`
	EndedAt    string `dynamodbav:"ended_at,omitempty"`
	Expires    int64  `dynamodbav:"expires"`
}

func automationRunRowOf(r automation.Run) automationRunRow {
	at := automationRunKey(r.Ref)
	row := automationRunRow{
		PK: at.pk, SK: at.sk, DuePK: dueAutomations, Due: r.StartedAt.Add(work.Grace).UnixMilli(),
		ID: r.ID, OrgID: r.OrgID, AutomationID: r.AutomationID, Name: r.Name, Version: r.Version, State: string(r.State),
		Cause:      string(r.Cause),
		Generation: r.Generation, From: r.From, StartedAt: stamp(r.StartedAt),
	}
	return row
}

func (r automationRunRow) run() automation.Run {
	run := automation.Run{
		Ref: automation.Ref{OrgID: r.OrgID, AutomationID: r.AutomationID, ID: r.ID}, Name: r.Name, Version: r.Version,
		State: automation.State(r.State), Cause: automation.Cause(r.Cause), Generation: r.Generation, From: r.From,
		Cancelled: r.Cancelled, Error: (*automation.StepError)(r.Error), StartedAt: unstamp(r.StartedAt), Claims: r.Claims, Lease: r.Lease,
	}
	if r.EndedAt != "" {
		run.EndedAt = unstamp(r.EndedAt)
	}
	return run
}

func automationStepRowOf(r automation.Run, e automation.Execution) automationStepRow {
	at := automationStepKey(r.Ref, e.Path, e.Generation)
	row := automationStepRow{
		PK: at.pk, SK: at.sk, Path: e.Path, Generation: e.Generation, State: string(e.State), Attempts: e.Attempts,
		Input: e.Input, Output: e.Output, Error: e.Error, BegunAt: stamp(e.BegunAt), Expires: r.StartedAt.Add(automation.Kept).Unix(),
	}
	if !e.Until.IsZero() {
		row.Until = stamp(e.Until)
	}
	if !e.EndedAt.IsZero() {
		row.EndedAt = stamp(e.EndedAt)
	}
	return row
}

func (r automationStepRow) execution() automation.Execution {
	e := automation.Execution{
		Path: r.Path, Generation: r.Generation, State: automation.StepState(r.State), Attempts: r.Attempts,
		Input: json.RawMessage(r.Input), Output: json.RawMessage(r.Output), Error: r.Error, BegunAt: unstamp(r.BegunAt),
	}
	if r.Until != "" {
		e.Until = unstamp(r.Until)
	}
	if r.EndedAt != "" {
		e.EndedAt = unstamp(r.EndedAt)
	}
	return e
}
