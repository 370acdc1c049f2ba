package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// JobStore stores jobs.
type JobStore interface {
	// CreateJob stores a job, which is run from then on whatever happens.
	CreateJob(ctx context.Context, j Job) error

	// Answered returns what a request with a key was answered.
	Answered(ctx context.Context, k idempotency.Key) (*idempotency.Answer, error)
}

// URLs looks at the URLs that customers give.
type URLs interface {
	// Check returns an Invalid error of the field for a URL that nothing may be
	// sent to.
	Check(ctx context.Context, field, url string) error
}

// Intake takes jobs.
type Intake struct {
	JobStore

	URLs    URLs
	Workers Queue
	Now     func() time.Time
}

// Take stores a turn that is to be run later and wakes a worker. That it is
// stored is what counts: the sweeper wakes a worker that was not woken.
func (i Intake) Take(ctx context.Context, in turn.Input, url string) error {
	if in.ThreadID != "" {
		in.History = nil // the thread's own counts
	}
	in.History = turn.RecentMessages(in.History)
	in.Once = nil // the job's own takes its place
	job := Job{
		JobRef: JobRef{OrgID: in.Caller.OrgID, ID: uuid.Must(uuid.NewV7()).String()},
		Input:  in, URL: url, CreatedAt: i.Now(),
	}
	if err := i.CreateJob(ctx, job); err != nil {
		return err
	}
	if err := i.Workers.Send(ctx, Message{Body: job.JobRef}); err != nil {
		slog.WarnContext(ctx, "a job waits for the sweeper", "org_id", job.OrgID, "job_id", job.ID, "error", err)
	}
	return nil
}
