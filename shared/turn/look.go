package turn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// A running turn is in its function's memory only, and nothing can call a function. So a
// turn that takes longer than an ordinary one looks at one row of its org at intervals:
// whether somebody watches the org's turns, and when one was cancelled last. It publishes
// its progress only while somebody watches, and it reads its own row only after a
// cancellation. A turn that ends before its first look costs nothing.

// LookEvery is the default interval of a turn's looks. A cancelled turn ends within it, the
// lag of an eventually consistent read, and the time of a settlement: less than the 3 s that
// we promise.
const LookEvery = 2 * time.Second

// clockSkew is how much the clocks of two functions may differ.
const clockSkew = time.Minute

// ErrCancelled is the error of a turn that somebody cancelled.
var ErrCancelled = fault.New(fault.Conflict, "The turn was cancelled")

// Looks keeps what running turns are asked for, and what they publish.
type Looks interface {
	// Look returns what an org's running turns are asked for. The read is eventually
	// consistent.
	Look(ctx context.Context, orgID string) (Wish, error)

	// Cancelled reports whether a running turn was cancelled.
	Cancelled(ctx context.Context, t Turn) (bool, error)

	// Publish stores the progress of a running turn, and reports whether the turn was
	// cancelled.
	Publish(ctx context.Context, p Progress) (cancelled bool, err error)
}

// Wish is what an org's running turns are asked for.
type Wish struct {
	WatchedUntil time.Time // progress is wanted until then
	CancelledAt  time.Time // the latest cancellation of any turn of the org
}

// Progress is a running turn as far as it has come. Its texts are empty.
type Progress struct {
	Turn Turn
	At   time.Time
}

// heed looks for cancellations and watchers until stop is called. The returned context ends
// with the cause ErrCancelled when the turn is cancelled.
func (e *Engine) heed(ctx context.Context, a *admitted) (heeding context.Context, stop func()) {
	heeding, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		look := time.NewTicker(cmp.Or(e.LookEvery, LookEvery))
		defer look.Stop()
		for seen := a.turn.StartedAt.Add(-clockSkew); ; {
			select {
			case <-heeding.Done():
				return
			case <-look.C:
			}
			cancelled, err := e.look(heeding, a, &seen)
			switch {
			case cancelled:
				cancel(ErrCancelled)
			case err != nil && heeding.Err() == nil:
				slog.WarnContext(ctx, "a running turn could not look for a cancellation; retrying", "org_id", a.turn.OrgID, "turn_id", a.turn.ID, "error", err)
			}
		}
	}()
	return heeding, func() { cancel(nil); <-ended }
}

// look reports whether the turn was cancelled, and publishes its progress if somebody
// watches. seen is the latest cancellation of the org that the turn knows not to be its own.
func (e *Engine) look(ctx context.Context, a *admitted, seen *time.Time) (cancelled bool, err error) {
	wish, err := e.Store.Look(ctx, a.turn.OrgID)
	if err != nil {
		return false, err
	}
	if now := e.Now(); now.Before(wish.WatchedUntil) {
		cancelled, err = e.Store.Publish(ctx, a.progress.at(a, now))
	} else if wish.CancelledAt.After(*seen) {
		cancelled, err = e.Store.Cancelled(ctx, a.turn)
	}
	if err == nil && wish.CancelledAt.After(*seen) {
		*seen = wish.CancelledAt
	}
	return cancelled, err
}

// stopped replaces the error of a turn that was cancelled or ran out of time.
func stopped(ctx context.Context, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), ErrCancelled):
		return ErrCancelled
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &fault.Error{Code: fault.ModelUnavailable, Message: "The model did not finish in time", Err: err}
	}
	return err
}
