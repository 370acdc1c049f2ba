package work

import (
	"context"
	"log/slog"
	"time"
)

// Slots keeps the slots of orgs.
type Slots interface {
	// ClaimSlot takes one of the place's slots until a time, and reports whether one was free.
	ClaimSlot(ctx context.Context, p Place, now, until time.Time) (Slot, bool, error)

	// ExtendSlot extends the time of a slot and returns it.
	ExtendSlot(ctx context.Context, s Slot, until time.Time) (Slot, error)

	// FreeSlot frees a slot.
	FreeSlot(ctx context.Context, s Slot) error
}

// SlotTime is the time after which the slot of a run expires without renewal.
const SlotTime = time.Minute

// Lease is a worker's right to a row, with the slot that it works in.
type Lease struct {
	Slots Slots
	Slot  Slot
	Time  time.Duration // the time after which the right to the row expires without renewal
	Now   func() time.Time

	// Renew extends the right to the row until a time, and reports whether the worker still
	// has it.
	Renew func(ctx context.Context, until time.Time) (bool, error)
}

// Keep renews the lease and its slot until stop is called, or until the lease is lost. stop
// frees the slot, even if ctx has ended.
func (l Lease) Keep(ctx context.Context) (stop func()) {
	after := context.WithoutCancel(ctx)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(l.Time / 3)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			if l.Slot.Until.Sub(l.Now()) < SlotTime/2 {
				if kept, err := l.Slots.ExtendSlot(ctx, l.Slot, l.Now().Add(SlotTime)); err == nil {
					l.Slot = kept
				}
			}
			if ours, err := l.Renew(ctx, l.Now().Add(l.Time)); err == nil && !ours {
				return
			}
		}
	}()
	return func() {
		cancel()
		<-ended
		if err := l.Slots.FreeSlot(after, l.Slot); err != nil {
			slog.WarnContext(after, "slot not freed; it expires by itself", "org_id", l.Slot.OrgID, "stage", l.Slot.Stage, "error", err)
		}
	}
}
