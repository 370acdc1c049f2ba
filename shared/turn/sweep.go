package turn

import (
	"context"
	"log/slog"
	"time"
)

// Sweeper performs the store's periodic cleanup.
type Sweeper interface {
	// Sweep performs all cleanup that is due and returns the number of released holds.
	// A hold is due ledger.HoldLife after its turn's start.
	Sweep(ctx context.Context, now time.Time) (released int, err error)
}

// Sweep returns the job that a schedule runs every minute.
func Sweep(store Sweeper) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		released, err := store.Sweep(ctx, at)
		if released > 0 {
			slog.InfoContext(ctx, "released the holds of turns that died", "holds", released)
		}
		return err
	}
}
