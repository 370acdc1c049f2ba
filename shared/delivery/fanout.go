package delivery

import (
	"context"
	"errors"
	"time"
)

// Fanout is the target of a fan-out: one row that a worker expands into the deliveries of
// one happening to all webhooks of an org. The stream's worker so writes one row for any
// number of webhooks.
const Fanout = "fanout"

// FanOuter expands fan-outs.
type FanOuter interface {
	// FanOut stores the deliveries of a fan-out and sends them to workers. It
	// returns ErrTooSoon while an earlier fan-out of the same thread is pending. It
	// is idempotent: a second call stores the same deliveries.
	FanOut(ctx context.Context, d Delivery) error
}

// ErrTooSoon is the error of a fan-out that has to wait for an earlier one.
var ErrTooSoon = errors.New("an earlier fan-out of the thread is pending")

// soon is the delay before a fan-out that was too soon is retried.
const soon = time.Second

// fanOut expands a claimed fan-out and wakes the one that waits for it.
func (w *Worker) fanOut(ctx context.Context, d Delivery) error {
	err := w.Fanout.FanOut(ctx, d)
	if errors.Is(err, ErrTooSoon) {
		return w.putBack(ctx, d, w.Now().Add(soon))
	}
	if err != nil {
		return err
	}
	next, err := w.Store.FinishFanout(ctx, d)
	if next != "" {
		w.wake(ctx, Ref{OrgID: d.OrgID, Target: Fanout, ID: next}, 0)
	}
	return err
}
