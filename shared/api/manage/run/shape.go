// Package run shows the runs of automations, cancels them and runs them again.
package run

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
)

type (
	// rowShape is a run as lists show it.
	rowShape struct {
		ID           string      `json:"id"`
		AutomationID string      `json:"automation_id"`
		Version      int         `json:"version"`
		State        string      `json:"state"`
		Cancelling   bool        `json:"cancelling"` // somebody asked it to stop, and it has not yet
		Cause        string      `json:"cause"`
		Reruns       int         `json:"reruns"`
		FromStep     *string     `json:"from_step"` // of the latest re-run; null without one
		Error        *errorShape `json:"error"`     // null unless it failed
		StartedAt    string      `json:"started_at"`
		EndedAt      *string     `json:"ended_at"` // null until it has ended
	}
	errorShape struct {
		Step    *string `json:"step"` // null if no step is the reason
		Message string  `json:"message"`
	}
	// wholeShape is a run with its steps.
	wholeShape struct {
		rowShape

		Trigger json.RawMessage `json:"trigger"`
		Steps   []stepShape     `json:"steps"`
	}
	// stepShape is a step that a run has begun.
	stepShape struct {
		Path     string          `json:"path"`
		Type     string          `json:"type"`
		State    string          `json:"state"`
		Attempts int             `json:"attempts"`
		Rerun    int             `json:"rerun"` // in which it was done; 0: the first time
		Input    json.RawMessage `json:"input"`
		Output   json.RawMessage `json:"output"`
		Error    *string         `json:"error"` // of the latest attempt
		Until    *string         `json:"until"` // what it waits for
		BegunAt  string          `json:"begun_at"`
		EndedAt  *string         `json:"ended_at"`
	}
)

func shapeOf(r automation.Run) rowShape {
	s := rowShape{
		ID: r.ID, AutomationID: r.AutomationID, Version: r.Version, State: string(r.State), Cancelling: r.Cancelled && !r.State.Ended(),
		Cause: string(r.Cause), Reruns: r.Generation, FromStep: wire.Nullable(r.From), StartedAt: wire.Date(r.StartedAt), EndedAt: wire.NullableDate(r.EndedAt),
	}
	if r.Error != nil {
		s.Error = &errorShape{Step: wire.Nullable(r.Error.Step), Message: r.Error.Message}
	}
	return s
}

// found is a run with the steps that it has begun.
type found struct {
	run   automation.Run
	steps []automation.Taken
}

func wholeOf(f found) wholeShape {
	return wholeShape{rowShape: shapeOf(f.run), Trigger: f.run.Trigger, Steps: wire.List(f.steps, stepOf)}
}

func stepOf(t automation.Taken) stepShape {
	e := t.Execution
	s := stepShape{
		Path: e.Path, Type: string(t.Step.Type), State: string(e.State), Attempts: e.Attempts, Rerun: e.Generation, Input: e.Input, Output: e.Output,
		Error: wire.Nullable(e.Error), BegunAt: wire.Date(e.BegunAt), EndedAt: wire.NullableDate(e.EndedAt),
	}
	if e.State == automation.StepBegun {
		s.Until = wire.NullableDate(e.Until)
	}
	return s
}
