package delivery_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// crowd is a store with one delivery, to a receiver without a free slot.
type crowd struct {
	delivery.Store

	is delivery.Delivery
}

func (c *crowd) ClaimDelivery(context.Context, delivery.Ref, string, time.Time, time.Time) (*delivery.Delivery, error) {
	d := c.is
	return &d, nil
}

func (c *crowd) ClaimSlot(context.Context, work.Place, time.Time, time.Time) (work.Slot, bool, error) {
	return work.Slot{}, false, nil
}

func (c *crowd) RecordDelivery(_ context.Context, d delivery.Delivery) (string, error) {
	c.is = d
	return "", nil
}

// Without a free slot, nothing is sent and no attempt counts. A delivery that has waited
// longer checks less often.
func TestWorker_NoFreeSlot(t *testing.T) {
	ref := delivery.Ref{OrgID: "o", Target: delivery.Callbacks, ID: "d"}
	tried := []delivery.Attempt{{At: noon.Add(-time.Hour)}, {At: noon.Add(-80 * time.Second)}}
	for name, c := range map[string]struct {
		created  time.Duration // before noon
		attempts []delivery.Attempt
		chance   float64
		want     time.Duration
	}{
		"new":                       {0, nil, 0, 5 * time.Second},
		"new, by chance":            {0, nil, 1, 7500 * time.Millisecond},
		"of a minute":               {time.Minute, nil, 0, 15 * time.Second},
		"of a minute, by chance":    {time.Minute, nil, 0.5, 18750 * time.Millisecond},
		"of a day":                  {24 * time.Hour, nil, 1, 3 * time.Minute},
		"since the attempt before":  {24 * time.Hour, tried, 0, 20 * time.Second},
		"by a clock that is behind": {-time.Minute, nil, 0, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			d := delivery.Delivery{
				Ref: ref, URL: "https://slow.example/hook", CreatedAt: noon.Add(-c.created), Status: delivery.Pending, NextAt: noon, Attempts: c.attempts,
			}
			store := &crowd{is: d}
			queue := &queue{}
			w := delivery.Worker{Store: store, Queue: queue, Now: func() time.Time { return noon }, Chance: func() float64 { return c.chance }}
			if err := w.Work(t.Context(), []byte(`{"org":"o","target":"callbacks","delivery":"d"}`)); err != nil {
				t.Fatal(err)
			}
			d.NextAt = noon.Add(c.want)
			if diff := cmp.Diff(d, store.is); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// The sweep sends messages for deliveries that are due in more than a minute.
			var messages []work.Message
			if c.want <= time.Minute {
				messages = []work.Message{{Body: ref, After: c.want}}
			}
			if diff := cmp.Diff(messages, queue.sent); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

type queue struct{ sent []work.Message }

func (q *queue) Send(_ context.Context, all ...work.Message) error {
	q.sent = append(q.sent, all...)
	return nil
}
