package flowgent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Jobs keeps the chats whose answer is sent later.
type Jobs interface {
	// ClaimJob takes a job that is not done and that no other worker is at. It
	// returns nil when there is no such job.
	ClaimJob(ctx context.Context, r delivery.JobRef, lease string, now, until time.Time) (*delivery.Job, error)

	// ExtendJob keeps a job that was taken for longer, and reports whether it is
	// still ours.
	ExtendJob(ctx context.Context, j delivery.Job, until time.Time) (bool, error)

	// PutOffJob releases a job and postpones its run to a time.
	PutOffJob(ctx context.Context, j delivery.Job, at time.Time) error

	// ClaimSlot takes one of an org's slots for runs, until a time, and reports
	// whether one was free. ExtendSlot extends that time, FreeSlot frees the slot.
	ClaimSlot(ctx context.Context, p delivery.Place, now, until time.Time) (delivery.Slot, bool, error)
	ExtendSlot(ctx context.Context, s delivery.Slot, until time.Time) (delivery.Slot, error)
	FreeSlot(ctx context.Context, s delivery.Slot) error

	// FinishJob ends a job and stores the delivery of its outcome, in one step,
	// and reports whether the job was still ours.
	FinishJob(ctx context.Context, j delivery.Job, d delivery.Delivery) (bool, error)
}

const (
	// maxRuns is how often a job is begun that kills its worker, or meets only
	// failures of ours, before it ends as an unexpected error.
	maxRuns = 10

	// maxWait is how long a job waits for the org's rate to have room.
	maxWait = time.Hour

	// slotTime is how long a run keeps its slot without renewing it.
	slotTime = time.Minute
)

// Queues are the queues that a run sends to.
type Queues struct {
	Jobs       delivery.Queue // to run a job again, soon
	Deliveries delivery.Queue
}

// Callback returns what a worker does with the message of a chat whose answer
// is sent later: it runs the turn and stores the delivery of exactly what the
// call would have answered. It may be killed at any point and run any number
// of times.
func Callback(jobs Jobs, turns Runner, queues Queues, now func() time.Time) func(ctx context.Context, message []byte) error {
	return func(ctx context.Context, message []byte) error {
		var ref delivery.JobRef
		if err := json.Unmarshal(message, &ref); err != nil || ref.OrgID == "" || ref.ID == "" {
			return fmt.Errorf("the message names no job: %.200q", message)
		}
		job, err := jobs.ClaimJob(ctx, ref, uuid.NewString(), now(), now().Add(delivery.RunTime))
		if err != nil || job == nil {
			return err
		}
		slot, free, err := jobs.ClaimSlot(ctx, delivery.Place{OrgID: job.OrgID, Stage: delivery.Runs}, now(), now().Add(slotTime))
		if err != nil {
			return err
		}
		if !free {
			return standBack(ctx, jobs, *job, queues.Jobs, now())
		}
		end, err := runIn(ctx, slot, jobs, *job, turns, now)
		switch {
		case err != nil:
			return err
		case !end.again.IsZero():
			return jobs.PutOffJob(ctx, *job, end.again) // the sweeper finds it then
		}
		return finish(ctx, jobs, *job, end.envelope, queues.Deliveries, now())
	}
}

// runIn runs a job in a slot, and frees the slot also when the turn panics.
func runIn(ctx context.Context, slot delivery.Slot, jobs Jobs, job delivery.Job, turns Runner, now func() time.Time) (runEnd, error) {
	defer keep(ctx, jobs, job, slot, now)()
	return execute(ctx, job, turns, now())
}

// standBack postpones a job whose org has as many turns under way as it may, and
// sends it to a worker again with that delay.
func standBack(ctx context.Context, jobs Jobs, job delivery.Job, workers delivery.Queue, now time.Time) error {
	wait := delivery.StandBack(now.Sub(job.CreatedAt), rand.Float64())
	if err := jobs.PutOffJob(ctx, job, now.Add(wait)); err != nil {
		return err
	}
	if err := workers.Send(ctx, delivery.Message{Body: job.JobRef, After: wait}); err != nil {
		slog.WarnContext(ctx, "a job waits for the sweeper", "org_id", job.OrgID, "job_id", job.ID, "error", err)
	}
	return nil
}

// keep renews the leases of a job and its slot until stop is called, which frees the
// slot. A run that has lost its job goes on: the worker that has it now finds what
// the turn has done.
func keep(ctx context.Context, jobs Jobs, job delivery.Job, slot delivery.Slot, now func() time.Time) (stop func()) {
	after := context.WithoutCancel(ctx)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(delivery.RunTime / 3)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			if slot.Until.Sub(now()) < slotTime/2 {
				if kept, err := jobs.ExtendSlot(ctx, slot, now().Add(slotTime)); err == nil {
					slot = kept
				}
			}
			if ours, err := jobs.ExtendJob(ctx, job, now().Add(delivery.RunTime)); err == nil && !ours {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		if err := jobs.FreeSlot(after, slot); err != nil {
			slog.WarnContext(after, "slot not freed; it expires by itself", "org_id", slot.OrgID, "stage", slot.Stage, "error", err)
		}
	}
}

// runEnd is how a run of a job has ended: with what the call would have been
// answered, or with a time to run it again at.
type runEnd struct {
	envelope envelope
	again    time.Time
}

// execute runs a job's turn. An error is ours: the job will be run again.
func execute(ctx context.Context, job delivery.Job, turns Runner, now time.Time) (runEnd, error) {
	if job.Runs > maxRuns {
		return runEnd{envelope: unexpected.envelope("")}, nil
	}
	in, err := job.Turn()
	if err != nil {
		return runEnd{}, err
	}
	out, err := turns.Run(ctx, in, turn.Quiet{})
	if err == nil {
		return runEnd{envelope: answered(out)}, nil
	}
	var known *fault.Error
	switch {
	case errors.Is(err, idempotency.ErrRunning):
		// A run before this one may still be alive; it is not for long.
		return runEnd{again: now.Add(delivery.RunTime)}, nil
	case !errors.As(err, &known):
		return runEnd{}, err
	case known.Code == fault.RateLimited && now.Sub(job.CreatedAt) < maxWait:
		return runEnd{again: now.Add(max(known.RetryAfter, time.Second))}, nil
	}
	wire.Log(ctx, known)
	return runEnd{envelope: ended(out.AgentID, err)}, nil
}

// ended is the envelope of a chat that did not come to an answer. What a call
// would have been refused with has its own status in it.
func ended(agentID string, err error) envelope {
	if errors.Is(err, turn.ErrForgotten) {
		err = errForgotten
	}
	e := fault.From(err)
	if end, ok := endings[e.Code]; ok {
		return end.envelope(agentID)
	}
	return envelope{StatusCode: forms[e.Code].status, Body: failureOf(e)}
}

func finish(ctx context.Context, jobs Jobs, job delivery.Job, end envelope, deliveries delivery.Queue, now time.Time) error {
	body, err := wire.Encode(end)
	if err != nil {
		return err
	}
	d := job.Outcome(body, now)
	ours, err := jobs.FinishJob(ctx, job, d)
	if err != nil || !ours {
		return err
	}
	delivery.Wake(ctx, deliveries, d.Ref)
	return nil
}
