package automation

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/work"
)

// RunReader reads runs.
type RunReader interface {
	// Automation returns an automation, or ErrNotFound.
	Automation(ctx context.Context, orgID, id string) (Automation, error)

	// Run returns a run whole, or ErrNoRun.
	Run(ctx context.Context, r Ref) (Run, error)

	// Executions returns the latest execution of each path of a run.
	Executions(ctx context.Context, r Ref) ([]Execution, error)
}

// RunChanger cancels runs, and runs them again.
type RunChanger interface {
	RunReader

	// CancelRun asks a run to stop before its next step, and makes it due. The error is ErrNoRun,
	// or ErrRunEnded.
	CancelRun(ctx context.Context, once *idempotency.Change, r Ref, now time.Time) (Run, error)

	// RerunRun starts a run again that has ended, from a step on. The error is ErrNoRun; or
	// ErrRunning if the run has not ended, or was run again since it was read.
	RerunRun(ctx context.Context, once *idempotency.Change, r Run, from string, now time.Time) (Run, error)
}

// FindRun returns a run with the steps that it has begun. The error is ErrNotFound if its
// automation was deleted, or ErrNoRun.
func FindRun(ctx context.Context, store RunReader, ref Ref) (Run, []Taken, error) {
	if _, err := store.Automation(ctx, ref.OrgID, ref.AutomationID); err != nil {
		return Run{}, nil, err
	}
	r, err := store.Run(ctx, ref)
	if err != nil {
		return Run{}, nil, err
	}
	all, err := store.Executions(ctx, ref)
	if err != nil {
		return Run{}, nil, err
	}
	steps, err := Steps(r, byPath(all))
	return r, steps, err
}

// Desk does with runs what people ask for.
type Desk struct {
	Store   RunChanger
	Workers work.Queue
	Now     func() time.Time
}

// Cancel asks a run to stop. A step that is under way ends first. The error is ErrNotFound,
// ErrNoRun or ErrRunEnded.
func (d *Desk) Cancel(ctx context.Context, once *idempotency.Change, ref Ref) (Run, error) {
	if _, err := d.Store.Automation(ctx, ref.OrgID, ref.AutomationID); err != nil {
		return Run{}, err
	}
	r, err := d.Store.CancelRun(ctx, once, ref, d.Now())
	if err != nil {
		return Run{}, err
	}
	d.wake(ctx, ref)
	return r, nil
}

// Rerun starts a run again that has ended, from the step with a path, or from its first one if
// the path is empty. It has the definition that it had, and keeps the results of the steps before.
// The error is ErrNotFound, ErrNoRun, ErrRunning, ErrTooOld, ErrTooOften or ErrFromStep.
func (d *Desk) Rerun(ctx context.Context, once *idempotency.Change, ref Ref, from string) (Run, error) {
	r, steps, err := FindRun(ctx, d.Store, ref)
	switch {
	case err != nil:
		return Run{}, err
	case !r.State.Ended():
		return Run{}, ErrRunning
	case d.Now().Sub(r.StartedAt) > MaxAge:
		return Run{}, ErrTooOld
	case r.Generation >= MaxReruns:
		return Run{}, ErrTooOften
	case from == "" && len(r.Definition.Steps) > 0:
		from = r.Definition.Steps[0].ID
	case !slices.ContainsFunc(steps, func(t Taken) bool { return t.Execution.Path == from }):
		return Run{}, ErrFromStep
	}
	if r, err = d.Store.RerunRun(ctx, once, r, from, d.Now()); err != nil {
		return Run{}, err
	}
	d.wake(ctx, ref)
	return r, nil
}

// wake wakes a worker for a run. The sweep wakes one if the message is lost.
func (d *Desk) wake(ctx context.Context, ref Ref) {
	if err := d.Workers.Send(ctx, work.Message{Body: ref}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a run; the sweep will wake one", "org_id", ref.OrgID, "run_id", ref.ID, "error", err)
	}
}
