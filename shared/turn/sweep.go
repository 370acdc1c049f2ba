package turn

import (
	"context"
	"log/slog"
	"time"
)

// HoldSweeper releases the holds of turns that died.
type HoldSweeper interface {
	// SweepHolds releases what was held ledger.HoldLife or more before now.
	SweepHolds(ctx context.Context, now time.Time) (released int, err error)
}

// Sweep returns the job that a schedule runs each minute.
func Sweep(holds HoldSweeper) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		released, err := holds.SweepHolds(ctx, at)
		if released > 0 {
			slog.InfoContext(ctx, "released the holds of turns that died", "holds", released)
		}
		return err
	}
}
