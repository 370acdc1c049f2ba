package event

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/work"
)

// FanoutStore keeps listeners and deliveries. Its methods are documented with Store.
type FanoutStore interface {
	Listeners(ctx context.Context, orgID string) (Listeners, error)
	CreateDelivery(ctx context.Context, once *idempotency.Change, d delivery.Delivery) error
	LinkDelivery(ctx context.Context, r delivery.Ref, next string) (bool, error)

	// Delivery returns a delivery, or NotFound.
	Delivery(ctx context.Context, r delivery.Ref) (delivery.Delivery, error)
}

// Fanout processes fan-outs: for each event of a happening, it creates a delivery for
// each subscribed webhook, and starts a run of each automation that wants it.
type Fanout struct {
	Store   FanoutStore
	Workers work.Queue
	Runs    Runs
	Now     func() time.Time
}

const (
	// webhooksAtOnce is how many webhooks' deliveries are stored concurrently.
	webhooksAtOnce = 2

	// runsAtOnce is how many runs of automations are started concurrently.
	runsAtOnce = 4

	// mayBlock is the longest time that a pending fan-out blocks the next one of its
	// thread.
	mayBlock = 10 * time.Minute
)

// FanOut stores the deliveries to each webhook and sends them to workers, and then starts
// the runs of automations. It returns delivery.ErrTooSoon while the fan-out before it in
// the thread is pending.
func (f *Fanout) FanOut(ctx context.Context, d delivery.Delivery) error {
	h, before, err := readFanout(d)
	if err != nil {
		return err
	}
	if len(before.Events) > 0 && f.Now().Sub(d.CreatedAt) < mayBlock {
		// The sweeper sends fan-outs in any order, so a message does not prove that
		// the fan-out before this one is finished.
		switch _, err := f.Store.Delivery(ctx, before.fanoutRef()); {
		case err == nil:
			return delivery.ErrTooSoon
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	to, err := f.Store.Listeners(ctx, h.OrgID)
	if err != nil {
		return err
	}
	if err := f.deliver(ctx, before, h, to.Webhooks); err != nil {
		return err
	}
	return f.start(ctx, h, to.Triggers)
}

// start starts the runs of the automations that want an event of a happening.
func (f *Fanout) start(ctx context.Context, h Happening, triggers []Trigger) error {
	var all errgroup.Group
	all.SetLimit(runsAtOnce)
	for _, t := range triggers {
		for _, e := range h.starting(t) {
			all.Go(func() error { return f.Runs.StartRun(ctx, t, e) })
		}
	}
	return all.Wait()
}

// deliver stores the deliveries to each webhook and sends them to workers.
func (f *Fanout) deliver(ctx context.Context, before, h Happening, webhooks []delivery.Webhook) error {
	var (
		all   errgroup.Group
		mu    sync.Mutex
		ready []delivery.Ref
	)
	all.SetLimit(webhooksAtOnce)
	for _, e := range webhooks {
		if !h.knownTo(e) {
			continue
		}
		all.Go(func() error {
			first, err := f.store(ctx, e, before, h)
			if err == nil && first != nil {
				mu.Lock()
				defer mu.Unlock()
				ready = append(ready, *first)
			}
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	delivery.Wake(ctx, f.Workers, ready...)
	return nil
}

// store stores a webhook's deliveries, the last one first, so that a delivery exists
// before the one that links to it. A webhook receives the events of a thread in order:
// the first delivery waits for the last one of the previous happening if that was not
// attempted yet. Otherwise store returns the first delivery, ready to be sent.
func (f *Fanout) store(ctx context.Context, e delivery.Webhook, before, h Happening) (ready *delivery.Ref, err error) {
	deliveries, err := h.For(e)
	if err != nil || len(deliveries) == 0 {
		return nil, err
	}
	now := f.Now()
	for i := range deliveries {
		d := deliveries[len(deliveries)-1-i]
		d.NextAt = now
		if err := f.Store.CreateDelivery(ctx, nil, d); err != nil {
			return nil, err
		}
	}
	first := deliveries[0]
	earlier, err := before.For(e)
	if err != nil {
		return nil, err
	}
	if len(earlier) > 0 {
		if linked, err := f.Store.LinkDelivery(ctx, earlier[len(earlier)-1].Ref, first.ID); linked || err != nil {
			return nil, err
		}
	}
	return &first.Ref, nil
}
