package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/work"
)

// slotTime is the time after which a run's slot expires without renewal.
const slotTime = time.Minute

// runIn runs a job in a slot. It frees the slot even if the turn panics.
func (w *Worker) runIn(ctx context.Context, slot work.Slot, job Job) (runEnd, error) {
	defer w.keep(ctx, job, slot)()
	return w.run(ctx, job)
}

// keep renews the job's lease and its slot until stop is called; stop frees the slot.
// A run that loses its lease continues: the worker with the new lease replays the turn
// that this run completes.
func (w *Worker) keep(ctx context.Context, job Job, slot work.Slot) (stop func()) {
	after := context.WithoutCancel(ctx)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(LeaseTime / 3)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			if slot.Until.Sub(w.Now()) < slotTime/2 {
				if kept, err := w.Store.ExtendSlot(ctx, slot, w.Now().Add(slotTime)); err == nil {
					slot = kept
				}
			}
			if ours, err := w.Store.ExtendJob(ctx, job, w.Now().Add(LeaseTime)); err == nil && !ours {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		if err := w.Store.FreeSlot(after, slot); err != nil {
			slog.WarnContext(after, "slot not freed; it expires by itself", "org_id", slot.OrgID, "stage", slot.Stage, "error", err)
		}
	}
}
