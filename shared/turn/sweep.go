package turn

import (
	"context"
	"log/slog"
	"time"
)

// Sweeper does what is due.
type Sweeper interface {
	// Sweep does what is due by now and returns how many holds of turns that
	// died it has released; they were taken ledger.HoldLife or more before.
	Sweep(ctx context.Context, now time.Time) (released int, err error)
}

// Sweep returns the job that a schedule runs each minute.
func Sweep(store Sweeper) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		released, err := store.Sweep(ctx, at)
		if released > 0 {
			slog.InfoContext(ctx, "released the holds of turns that died", "holds", released)
		}
		return err
	}
}
