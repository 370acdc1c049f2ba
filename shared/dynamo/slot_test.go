package dynamo_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// However many ask at a time, a receiver has so many slots and no more, and its
// being slow takes none of another's, nor of the same one from another org.
func TestSlots(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	until := now.Add(time.Minute)
	var (
		wave  sync.WaitGroup
		taken atomic.Int32
		one   delivery.Slot
	)
	take := func(org, receiver string, now, until time.Time) bool {
		s, ok, err := table.Store.TakeSlot(t.Context(), org, receiver, now, until)
		if err != nil {
			t.Error(err)
		}
		if ok && org == "org" && receiver == "slow" {
			one = s
		}
		return ok
	}
	for range 3 * delivery.Slots {
		wave.Go(func() {
			if _, ok, err := table.Store.TakeSlot(t.Context(), "org", "slow", now, until); err != nil {
				t.Error(err)
			} else if ok {
				taken.Add(1)
			}
		})
	}
	wave.Wait()
	if n := taken.Load(); n != delivery.Slots {
		t.Fatalf("%d slots were taken", n)
	}
	if take("org", "slow", until.Add(-time.Millisecond), until.Add(time.Minute)) {
		t.Error("one more is free")
	}
	if !take("org", "fast", now, until) || !take("neighbour", "slow", now, until) {
		t.Error("a slow receiver takes others' slots")
	}

	// Whoever died gives its slot back when its time is up; who then comes back
	// late frees nobody else's.
	if !take("org", "slow", until, until.Add(time.Minute)) {
		t.Fatal("no slot is free once their time is up")
	}
	late := one
	late.Until = until
	if err := table.Store.FreeSlot(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	for range delivery.Slots - 1 {
		if !take("org", "slow", until, until.Add(time.Minute)) {
			t.Fatal("too few slots are free")
		}
	}
	if take("org", "slow", until, until.Add(time.Minute)) {
		t.Fatal("somebody else's slot was freed")
	}
	if err := table.Store.FreeSlot(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if !take("org", "slow", until, until.Add(time.Minute)) {
		t.Error("a slot that was given back is not free")
	}
}
