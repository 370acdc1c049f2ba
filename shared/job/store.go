package job

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

// Store keeps jobs and the slots for their runs.
type Store interface {
	// ClaimJob takes a lease on a job until a time. It returns nil if the job is
	// finished or postponed, or if another worker has a lease on it.
	ClaimJob(ctx context.Context, r Ref, lease string, now, until time.Time) (*Job, error)

	// ExtendJob extends the lease on a job, and reports whether the caller still has it.
	ExtendJob(ctx context.Context, j Job, until time.Time) (bool, error)

	// PutOffJob releases the lease and postpones the job to a time. It takes back the
	// count of the current run.
	PutOffJob(ctx context.Context, j Job, at time.Time) error

	// FinishJob ends a job and stores the delivery of its outcome, in one
	// transaction. It reports whether the caller still had the lease; if not, it
	// changes nothing.
	FinishJob(ctx context.Context, j Job, d delivery.Delivery) (bool, error)

	work.Slots
}
