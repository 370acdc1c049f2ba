package work

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Due is a row of work that a worker should have looked at by a time.
type Due[R Ref] struct {
	Ref R
	At  time.Time
}

// Rows finds the waiting rows of one kind of work.
type Rows[R Ref] interface {
	// Waiting passes the rows that are due by a time to each, page by page.
	Waiting(ctx context.Context, until time.Time, each func([]Due[R]) error) error

	// LookAgain postpones a row whose due time is still that of d, so that the next
	// sweeps leave it to the worker that was woken.
	LookAgain(ctx context.Context, d Due[R], at time.Time) error
}

const (
	// Ahead is the time until the next sweep. A sweep also sends messages, with a
	// delay, for rows that will be due within it.
	Ahead = time.Minute

	// Grace is the time that the message of a new row has before the row is due.
	Grace = 15 * time.Second

	// patience is the time that the sweep's message has before the row is due again.
	patience = 2 * time.Minute

	// rowsAtOnce is how many rows are postponed concurrently. The rows of all orgs
	// share one index: an org with thousands of them must not take the whole minute.
	rowsAtOnce = 16
)

// Sweep returns a task for a schedule that runs every minute. It wakes workers for due
// rows. A row is due if its message was lost, if its worker died, or after a wait that
// is longer than the queue's longest delay.
func Sweep[R Ref](rows Rows[R], workers Queue) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		return rows.Waiting(ctx, at.Add(Ahead), func(page []Due[R]) error {
			messages := make([]Message, len(page))
			for i, d := range page {
				messages[i] = Message{Body: d.Ref, After: max(0, d.At.Sub(at))}
			}
			if err := workers.Send(ctx, messages...); err != nil {
				return err
			}
			var all errgroup.Group
			all.SetLimit(rowsAtOnce)
			for _, d := range page {
				later := at
				if d.At.After(at) {
					later = d.At
				}
				all.Go(func() error { return rows.LookAgain(ctx, d, later.Add(patience)) })
			}
			return all.Wait()
		})
	}
}
