package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

const (
	// maxRuns is the number of runs that may die or fail with an Internal error
	// before the job ends with ErrGaveUp.
	maxRuns = 10

	// maxWait is the longest wait of a job while its org has the largest allowed
	// number of open turns.
	maxWait = time.Hour
)

// ErrGaveUp is the error of a job whose runs have all died or failed.
var ErrGaveUp = errors.New("none of the job's runs came to an end")

// Report returns the body of the delivery of a job's outcome, in the format of the
// surface that accepted the job. Its arguments are the results of turn.Runner, or
// ErrGaveUp.
type Report func(ctx context.Context, out turn.Outcome, err error) ([]byte, error)

// Worker runs jobs.
type Worker struct {
	Store      Store
	Turns      turn.Runner
	Report     Report
	Workers    work.Queue // wakes a worker for a postponed job
	Deliveries work.Queue
	Now        func() time.Time
}

// Work runs the job that a message names, and stores the delivery of its outcome. It
// may be killed at any point and called any number of times for a job. After an error,
// the job must be run again.
func (w *Worker) Work(ctx context.Context, message []byte) error {
	var ref Ref
	if err := json.Unmarshal(message, &ref); err != nil || ref.OrgID == "" || ref.ID == "" {
		return fmt.Errorf("the message names no job: %.200q", message)
	}
	job, err := w.Store.ClaimJob(ctx, ref, uuid.NewString(), w.Now(), w.Now().Add(LeaseTime))
	if err != nil || job == nil {
		return err
	}
	slot, free, err := w.Store.ClaimSlot(ctx, work.Place{OrgID: job.OrgID, Stage: work.Runs}, w.Now(), w.Now().Add(work.SlotTime))
	if err != nil {
		return err
	}
	if !free {
		return w.standBack(ctx, *job)
	}
	end, err := w.runIn(ctx, slot, *job)
	switch {
	case err != nil:
		return err
	case !end.again.IsZero():
		return w.Store.PutOffJob(ctx, *job, end.again) // the sweep wakes a worker at that time
	}
	return w.finish(ctx, *job, end.body)
}

// standBack postpones a job whose org has no free slot, and sends its message again
// with that delay.
func (w *Worker) standBack(ctx context.Context, job Job) error {
	wait := work.StandBack(w.Now().Sub(job.CreatedAt), rand.Float64())
	if err := w.Store.PutOffJob(ctx, job, w.Now().Add(wait)); err != nil {
		return err
	}
	if err := w.Workers.Send(ctx, work.Message{Body: job.Ref, After: wait}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a job; the sweep will wake one", "org_id", job.OrgID, "job_id", job.ID, "error", err)
	}
	return nil
}

// runEnd is the result of a run: the body of the outcome's delivery, or the time at
// which to run the job again.
type runEnd struct {
	body  []byte
	again time.Time
}

// run runs a job's turn. After an error, the job must be run again.
func (w *Worker) run(ctx context.Context, job Job) (runEnd, error) {
	if job.Runs > maxRuns {
		return w.report(ctx, turn.Outcome{}, ErrGaveUp)
	}
	in, err := job.Turn()
	if err != nil {
		return runEnd{}, err
	}
	now := w.Now()
	out, err := w.Turns.Run(ctx, in, turn.Quiet{})
	if err == nil {
		return w.report(ctx, out, nil)
	}
	var known *fault.Error
	switch {
	case errors.Is(err, idempotency.ErrRunning):
		// An earlier run may still have the turn's key, for LeaseTime at most.
		return runEnd{again: now.Add(LeaseTime)}, nil
	case !errors.As(err, &known):
		return runEnd{}, err
	case known.Code == fault.RateLimited && now.Sub(job.CreatedAt) < maxWait:
		return runEnd{again: now.Add(max(known.RetryAfter, time.Second))}, nil
	}
	return w.report(ctx, out, err)
}

func (w *Worker) report(ctx context.Context, out turn.Outcome, err error) (runEnd, error) {
	body, err := w.Report(ctx, out, err)
	return runEnd{body: body}, err
}

// finish ends a job and wakes a worker for its delivery.
func (w *Worker) finish(ctx context.Context, job Job, body []byte) error {
	d := job.Outcome(body, w.Now())
	ours, err := w.Store.FinishJob(ctx, job, d)
	if err != nil || !ours {
		return err
	}
	delivery.Wake(ctx, w.Deliveries, d.Ref)
	return nil
}
