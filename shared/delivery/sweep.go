package delivery

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// Waiting is a job or a delivery that is due, or will be soon.
type Waiting struct {
	Job      JobRef // zero for a delivery
	Delivery Ref    // zero for a job
	Due      time.Time
}

// Outbox knows what is waiting.
type Outbox interface {
	// Waiting passes what is due by a time on, page by page.
	Waiting(ctx context.Context, until time.Time, each func([]Waiting) error) error

	// LookAgain puts off when something that still waits is due, unless that
	// has changed meanwhile.
	LookAgain(ctx context.Context, w Waiting, at time.Time) error
}

const (
	// ahead is how far the sweeper looks: until it comes again. What is due
	// before that is sent now, to arrive then.
	ahead = time.Minute

	// patience is how long the sweeper waits for what it has sent.
	patience = 2 * time.Minute

	// rowsAtOnce is how many rows are postponed concurrently. The rows of all orgs
	// share one index: an org with thousands of them must not take the whole minute.
	rowsAtOnce = 16
)

// Sweep returns the job of a schedule, which runs each minute: it sends what
// waits to the workers. So what a crash has parted from its message, or a long
// wait from its sender, is not forgotten.
func Sweep(store Outbox, jobs, deliveries Queue) func(ctx context.Context, at time.Time) error {
	return func(ctx context.Context, at time.Time) error {
		return store.Waiting(ctx, at.Add(ahead), func(page []Waiting) error {
			var forJobs, forDeliveries []Message
			for _, w := range page {
				after := max(0, w.Due.Sub(at))
				if w.Job.ID != "" {
					forJobs = append(forJobs, Message{w.Job, after})
				} else {
					forDeliveries = append(forDeliveries, Message{w.Delivery, after})
				}
			}
			if err := errors.Join(jobs.Send(ctx, forJobs...), deliveries.Send(ctx, forDeliveries...)); err != nil {
				return err
			}
			var all errgroup.Group
			all.SetLimit(rowsAtOnce)
			for _, w := range page {
				later := at
				if w.Due.After(at) {
					later = w.Due
				}
				all.Go(func() error { return store.LookAgain(ctx, w, later.Add(patience)) })
			}
			return all.Wait()
		})
	}
}
