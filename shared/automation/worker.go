package automation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// LeaseTime is the time after which the lease on a run expires without renewal.
const LeaseTime = 15 * time.Second

const (
	// maxClaims bounds the workers that die in a run one after another.
	maxClaims = 20

	// enough is the time that a worker needs for another step, and enoughForTurn that for a turn
	// of an agent; with less left, the next worker goes on.
	enough        = 30 * time.Second
	enoughForTurn = 5 * time.Minute

	// maxHeld is how long a step may be held up without a counted attempt.
	maxHeld = time.Hour
)

// needs returns the time that a worker needs for a step of the type.
func (t StepType) needs() time.Duration {
	if t == Agent {
		return enoughForTurn
	}
	return enough
}

// Store keeps runs and the slots of their workers.
type Store interface {
	// ClaimRun takes a lease on a run until a time, and returns it whole. It returns nil if the
	// run has ended or waits, or if another worker has a lease on it. A run whose automation was
	// deleted is cancelled.
	ClaimRun(ctx context.Context, r Ref, lease string, now, until time.Time) (*Run, error)

	// ExtendRun extends the lease on a run, and reports whether the caller still has it.
	ExtendRun(ctx context.Context, r Run, until time.Time) (bool, error)

	// PutOffRun releases the lease on a run until a time. The error is ErrCancelled if somebody
	// has cancelled the run: the caller then still has the lease.
	PutOffRun(ctx context.Context, r Run, state State, at time.Time) error

	// EndRun ends a run, and reports whether the caller still had the lease.
	EndRun(ctx context.Context, r Run, state State, why *StepError, now time.Time) (bool, error)

	// KeepStep stores an execution, if the caller still has the lease on its run. It reports
	// whether it has. The error is ErrCancelled for an attempt that has not begun (Attempting) of
	// a run that somebody has cancelled; nothing is stored then.
	KeepStep(ctx context.Context, r Run, e Execution) (bool, error)

	// Executions returns the latest execution of each path of a run.
	Executions(ctx context.Context, r Ref) ([]Execution, error)

	work.Slots
}

// Effects performs the steps that send something. id is the idempotency id of the effect. It
// returns what was sent, with secrets masked, and what came back. The error is a *FailedError if
// the step failed; any other error says nothing about it, and it is tried again.
type Effects interface {
	Do(ctx context.Context, r Run, p Position, id string) (input, output json.RawMessage, err error)
}

// FailedError is a failed attempt of a step.
type FailedError struct {
	Message string
	Again   bool // another attempt may succeed
	Unknown bool // it is unknown whether it was sent; it is never sent again
	After   time.Duration

	// Held means that the attempt could not begin yet, or that its outcome is not known yet. For
	// maxHeld it does not count, and the step is taken again After.
	Held bool
}

// Error implements error.
func (f *FailedError) Error() string { return f.Message }

// Worker runs automations.
type Worker struct {
	Store   Store
	Effects Effects
	Workers work.Queue // wakes a worker for a run that waits
	Now     func() time.Time
}

// Work goes on with the run that a message names. It may be killed at any point and called any
// number of times for a run. After an error, the run must be worked on again.
func (w *Worker) Work(ctx context.Context, message []byte) error {
	var ref Ref
	if err := json.Unmarshal(message, &ref); err != nil || ref.OrgID == "" || ref.AutomationID == "" || ref.ID == "" {
		return fmt.Errorf("the message names no run: %.200q", message)
	}
	run, err := w.Store.ClaimRun(ctx, ref, uuid.NewString(), w.Now(), w.Now().Add(LeaseTime))
	if err != nil || run == nil {
		return err
	}
	if err = w.claimed(ctx, *run); errors.Is(err, ErrCancelled) {
		return w.end(ctx, *run, Cancelled, nil)
	}
	return err
}

// claimed goes on with a run that the worker has a lease on, if one of the org's slots is free.
// The error is ErrCancelled if the run is to be cancelled, and the worker still has the lease.
func (w *Worker) claimed(ctx context.Context, run Run) error {
	if run.Cancelled {
		return ErrCancelled
	}
	slot, free, err := w.Store.ClaimSlot(ctx, work.Place{OrgID: run.OrgID, Stage: work.Automations}, w.Now(), w.Now().Add(work.SlotTime))
	if err != nil {
		return err
	}
	if !free {
		return w.later(ctx, run, Running, w.Now().Add(work.StandBack(w.Now().Sub(run.StartedAt), rand.Float64())))
	}
	lease := work.Lease{
		Slots: w.Store, Slot: slot, Time: LeaseTime, Now: w.Now,
		Renew: func(ctx context.Context, until time.Time) (bool, error) { return w.Store.ExtendRun(ctx, run, until) },
	}
	defer lease.Keep(ctx)()
	return w.run(ctx, run)
}

// later releases a run until a time, and wakes a worker for it then. The sweep wakes one if the
// message is lost, or the time is too far away for one.
func (w *Worker) later(ctx context.Context, r Run, state State, at time.Time) error {
	if err := w.Store.PutOffRun(ctx, r, state, at); err != nil {
		return err
	}
	after := max(at.Sub(w.Now()), 0)
	if after > work.MaxDelay {
		return nil
	}
	if err := w.Workers.Send(ctx, work.Message{Body: r.Ref, After: after}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a run; the sweep will wake one", "org_id", r.OrgID, "run_id", r.ID, "error", err)
	}
	return nil
}

// run takes steps until the run ends or waits, or until time runs out.
func (w *Worker) run(ctx context.Context, r Run) error {
	all, err := w.Store.Executions(ctx, r.Ref)
	if err != nil {
		return err
	}
	executions, seen := byPath(all), &memo{}
	for first := true; ; first = false {
		switch {
		case r.Claims > maxClaims:
			return w.end(ctx, r, Failed, &StepError{Message: "The run's workers have died too often"})
		case w.Now().Sub(r.StartedAt) > MaxAge:
			return w.end(ctx, r, Failed, &StepError{Message: fmt.Sprintf("The run has lasted longer than %d days", int(MaxAge.Hours()/24))})
		}
		p, err := newCourse(r, executions, seen).follow()
		if err != nil {
			return w.end(ctx, r, Failed, &StepError{Message: err.Error()})
		}
		if p == nil {
			return w.end(ctx, r, Completed, nil)
		}
		// The first step is always taken, so that each worker makes progress.
		if deadline, ok := ctx.Deadline(); ok && !first && time.Until(deadline) < p.Step.Type.needs() {
			return w.later(ctx, r, Running, w.Now())
		}
		e, goOn, err := w.step(ctx, r, *p, executions[p.Path], dataOf(executions))
		if err != nil || !goOn {
			return err
		}
		executions[p.Path] = e
	}
}

func (w *Worker) end(ctx context.Context, r Run, state State, why *StepError) error {
	_, err := w.Store.EndRun(ctx, r, state, why, w.Now())
	return err
}

// step takes one step. kept is the size of the data that the run keeps. goOn is false if the run
// has ended, waits, or belongs to another worker.
func (w *Worker) step(ctx context.Context, r Run, p Position, before Execution, kept int) (e Execution, goOn bool, err error) {
	now := w.Now()
	e = before
	if before.State == "" || before.Generation != r.Generation {
		e = Execution{Path: p.Path, Generation: r.Generation, State: StepBegun, BegunAt: now}
	}
	if e.State == StepFailed || e.State == StepUnknown { // a worker died before it ended the run
		return e, false, w.end(ctx, r, Failed, &StepError{Step: e.Path, Message: e.Error})
	}
	if e.Until.After(now) { // a wait, or a pause before the next attempt
		return e, false, w.later(ctx, r, Waiting, e.Until)
	}
	if kept > MaxData {
		return w.fail(ctx, r, e, fmt.Sprintf("The steps of the run have kept %d bytes of inputs and outputs, and a run may keep at most %d", kept, MaxData))
	}
	if !p.Step.Type.canFail() {
		return w.steer(ctx, r, p, e)
	}
	return w.perform(ctx, r, p, e)
}

// steer takes a step that only steers the run.
func (w *Worker) steer(ctx context.Context, r Run, p Position, e Execution) (Execution, bool, error) {
	if !e.Until.IsZero() { // the wait is over
		output, err := Encode(waited(e.Until))
		if err != nil {
			return e, false, err
		}
		return w.done(ctx, r, e, output)
	}
	output, until, err := p.Control(w.Now())
	if err != nil {
		return w.fail(ctx, r, e, fault.From(err).Message)
	}
	if until.After(w.Now()) {
		e.Until = until
		ours, err := w.Store.KeepStep(ctx, r, e)
		if err != nil || !ours {
			return e, false, err
		}
		return e, false, w.later(ctx, r, Waiting, until)
	}
	return w.done(ctx, r, e, output)
}

// perform takes a step that sends something: its attempt is stored before it is made, and its
// effect has the same id in each attempt.
func (w *Worker) perform(ctx context.Context, r Run, p Position, e Execution) (Execution, bool, error) {
	e.Attempts++
	e.Until = time.Time{}
	if ours, err := w.Store.KeepStep(ctx, r, e); err != nil || !ours {
		return e, false, err
	}
	input, output, err := w.Effects.Do(ctx, r, p, r.EffectID(p.Path))
	if len(input) > 0 {
		e.Input = bounded(input)
	}
	if err == nil {
		return w.done(ctx, r, e, output)
	}
	failure, ok := errors.AsType[*FailedError](err)
	switch {
	case !ok:
		return e, false, err
	case failure.Held && w.Now().Sub(e.BegunAt) < maxHeld:
		e.Attempts, e.Error = e.Attempts-1, failure.Message
		return w.pause(ctx, r, e, max(failure.After, time.Second))
	case failure.Unknown:
		e.State = StepUnknown
		return w.fail(ctx, r, e, failure.Message)
	case !failure.Again || e.Attempts >= p.Step.Policy().Attempts:
		return w.fail(ctx, r, e, failure.Message)
	}
	e.Error = failure.Message
	wait := time.Duration(p.Step.Policy().BackoffSeconds) * time.Second << (e.Attempts - 1)
	return w.pause(ctx, r, e, max(wait, failure.After))
}

// pause has a step taken again after a time.
func (w *Worker) pause(ctx context.Context, r Run, e Execution, wait time.Duration) (Execution, bool, error) {
	e.Until = w.Now().Add(wait)
	if ours, err := w.Store.KeepStep(ctx, r, e); err != nil || !ours {
		return e, false, err
	}
	return e, false, w.later(ctx, r, Waiting, e.Until)
}

// done ends a step well.
func (w *Worker) done(ctx context.Context, r Run, e Execution, output json.RawMessage) (Execution, bool, error) {
	if len(output) > MaxOutput {
		return w.fail(ctx, r, e, fmt.Sprintf("The step's output has %d bytes, and a step's output may have at most %d", len(output), MaxOutput))
	}
	e.State, e.Output, e.Error, e.EndedAt = StepDone, output, "", w.Now()
	ours, err := w.Store.KeepStep(ctx, r, e)
	return e, ours && err == nil, err
}

// fail ends a step and its run.
func (w *Worker) fail(ctx context.Context, r Run, e Execution, message string) (Execution, bool, error) {
	if e.State != StepUnknown {
		e.State = StepFailed
	}
	e.Error, e.EndedAt = cmp.Or(message, "The step failed"), w.Now()
	ours, err := w.Store.KeepStep(ctx, r, e)
	if err != nil || !ours {
		return e, false, err
	}
	return e, false, w.end(ctx, r, Failed, &StepError{Step: e.Path, Message: e.Error})
}
