package job

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/work"
)

// runIn runs a job in a slot. It frees the slot even if the turn panics. A run that loses its
// lease continues: the worker with the new lease replays the turn that this run completes.
func (w *Worker) runIn(ctx context.Context, slot work.Slot, job Job) (runEnd, error) {
	lease := work.Lease{
		Slots: w.Store, Slot: slot, Time: LeaseTime, Now: w.Now,
		Renew: func(ctx context.Context, until time.Time) (bool, error) { return w.Store.ExtendJob(ctx, job, until) },
	}
	defer lease.Keep(ctx)()
	return w.run(ctx, job)
}
