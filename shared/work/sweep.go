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

// Rows finds the rows of one kind of work that wait.
type Rows[R Ref] interface {
	// Waiting passes the rows that are due by a time to each, page by page.
	Waiting(ctx context.Context, until time.Time, each func([]Due[R]) error) error

	// LookAgain postpones a row that is still due when d says, so that the next
	// sweeps leave it to the worker that was woken.
	LookAgain(ctx context.Context, d Due[R], at time.Time) error
}

const (
	// Ahead is how far a sweep looks ahead: until the next one. It sends what is due
	// in that time with a delay.
	Ahead = time.Minute

	// Grace is how long a new row is left to its message before it is due.
	Grace = 15 * time.Second

	// patience is how long the sweep leaves a row to the message that it sent.
	patience = 2 * time.Minute

	// rowsAtOnce is how many rows are postponed concurrently. The rows of all orgs
	// share one index: an org with thousands of them must not take the whole minute.
	rowsAtOnce = 16
)

// Sweep returns the task of a schedule that runs each minute. It wakes workers for
// the rows that are due: those whose message was lost, whose worker died, or that
// wait longer than a queue can hold a message back.
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
