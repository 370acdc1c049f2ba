package delivery

import (
	"context"
	"errors"
	"time"
)

// Fanout is the target of what is to go to all of an org's endpoints. Such a
// delivery is one row, however many endpoints there are: a worker makes the
// deliveries of it, in the org's share of the workers.
const Fanout = "fanout"

// FanOuter makes the deliveries of what is to go to all of an org's endpoints.
type FanOuter interface {
	// FanOut stores the deliveries and sends them to workers. It returns ErrTooSoon
	// while one that must be first is not done. However often it is called, the
	// deliveries are the same.
	FanOut(ctx context.Context, d Delivery) error
}

// ErrTooSoon is what must wait for something else that is pending.
var ErrTooSoon = errors.New("something else must be first")

// soon is after how long a worker looks again whether that is done.
const soon = time.Second

// fanOut makes the deliveries of a claimed fan-out and wakes the next one that
// waits for it.
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
