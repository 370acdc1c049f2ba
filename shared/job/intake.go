package job

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Creator stores jobs.
type Creator interface {
	// CreateJob stores a job. A stored job runs even if processes die.
	CreateJob(ctx context.Context, once *idempotency.Change, j Job) error

	// Answered returns the answer to an earlier request with the key, or nil.
	Answered(ctx context.Context, k idempotency.Key) (*idempotency.Answer, error)
}

// Checker checks turns before they are stored.
type Checker interface {
	// Check returns the id of the turn's agent, and the error with which the agent or
	// the thread would refuse the turn.
	Check(ctx context.Context, in turn.Input) (agentID string, err error)
}

// Intake accepts turns that run later.
type Intake struct {
	Creator

	URLs    delivery.URLs
	Workers work.Queue
	Now     func() time.Time
}

// Take checks a turn and the URL for its outcome, stores them as a job and wakes a
// worker. An error means that nothing was stored; field names the URL in it. Once the
// job is stored, a lost message only delays it: the sweep wakes another worker.
func (i Intake) Take(ctx context.Context, once *idempotency.Change, turns Checker, in turn.Input, field, url string) error {
	agentID, err := i.check(ctx, turns, in, field, url)
	if err != nil {
		return err
	}
	in.Agent = agentID
	if in.ThreadID != "" {
		in.History = nil // the thread has the history
	}
	in.History = turn.RecentMessages(in.History)
	in.Once = nil // the worker uses a key of the job
	job := Job{
		Ref:   Ref{OrgID: in.Caller.OrgID, ID: uuid.Must(uuid.NewV7()).String()},
		Input: in, URL: url, CreatedAt: i.Now(),
	}
	if err := i.CreateJob(ctx, once, job); err != nil {
		return err
	}
	if err := i.Workers.Send(ctx, work.Message{Body: job.Ref}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a job; the sweep will wake one", "org_id", job.OrgID, "job_id", job.ID, "error", err)
	}
	return nil
}

// check returns the id of the turn's agent, or the error that refuses the turn or its
// URL.
func (i Intake) check(ctx context.Context, turns Checker, in turn.Input, field, url string) (agentID string, err error) {
	var (
		urlErr error
		checks sync.WaitGroup
	)
	checks.Go(func() { urlErr = i.URLs.Check(ctx, field, url) })
	agentID, err = turns.Check(ctx, in)
	checks.Wait()
	if err != nil {
		return "", err
	}
	return agentID, urlErr
}
