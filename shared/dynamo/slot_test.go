package dynamo_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/work"
)

// Concurrent claims take at most a receiver's number of slots. A slow receiver takes no slots from another
// receiver, nor from the same receiver of another org.
func TestClaimSlot_ReceiverLimit(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	until := now.Add(time.Minute)
	var (
		wave  sync.WaitGroup
		taken atomic.Int32
		one   work.Slot
	)
	at := func(org, receiver string) work.Place {
		return work.Place{OrgID: org, Stage: work.Attempts, Receiver: receiver}
	}
	take := func(org, receiver string, now, until time.Time) bool {
		s, ok, err := table.Store.ClaimSlot(t.Context(), at(org, receiver), now, until)
		if err != nil {
			t.Error(err)
		}
		if ok && org == "org" && receiver == "slow" {
			one = s
		}
		return ok
	}
	for range 3 * work.ReceiverSlots {
		wave.Go(func() {
			if _, ok, err := table.Store.ClaimSlot(t.Context(), at("org", "slow"), now, until); err != nil {
				t.Errorf("got error %v, want none", err)
			} else if ok {
				taken.Add(1)
			}
		})
	}
	wave.Wait()
	if n := taken.Load(); n != work.ReceiverSlots {
		t.Fatalf("got %d slots, want %d", n, work.ReceiverSlots)
	}
	if take("org", "slow", until.Add(-time.Millisecond), until.Add(time.Minute)) {
		t.Error("got one more slot, want none")
	}
	if !take("org", "fast", now, until) || !take("neighbour", "slow", now, until) {
		t.Error("got no slot for another receiver or org, want one")
	}

	// The slot of a dead worker expires. A worker that is late does not free a slot that another one has taken
	// meanwhile.
	if !take("org", "slow", until, until.Add(time.Minute)) {
		t.Fatal("got no slot after the expiry, want one")
	}
	late := one
	late.Until = until
	if err := table.Store.FreeSlot(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	for range work.ReceiverSlots - 1 {
		if !take("org", "slow", until, until.Add(time.Minute)) {
			t.Fatalf("got too few slots, want %d", work.ReceiverSlots)
		}
	}
	if take("org", "slow", until, until.Add(time.Minute)) {
		t.Fatal("got the slot of another worker freed, want it kept")
	}
	if err := table.Store.FreeSlot(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if !take("org", "slow", until, until.Add(time.Minute)) {
		t.Error("got no slot after one was freed, want it")
	}
}

// All receivers of an org together take at most the org's number of slots. Other orgs and other stages are
// not affected.
func TestClaimSlot_OrgLimit(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	until := now.Add(time.Minute)
	take := func(p work.Place) (work.Slot, bool) {
		s, ok, err := table.Store.ClaimSlot(t.Context(), p, now, until)
		if err != nil {
			t.Error(err)
		}
		return s, ok
	}
	var (
		wave  sync.WaitGroup
		taken atomic.Int32
	)
	for i := range 60 {
		wave.Go(func() {
			for range 3 {
				if _, ok := take(work.Place{OrgID: "org", Stage: work.Attempts, Receiver: fmt.Sprintf("h%d.example:443", i)}); ok {
					taken.Add(1)
				}
			}
		})
	}
	wave.Wait()
	if got, want := taken.Load(), int32(work.AttemptSlots); got != want {
		t.Errorf("got %d slots at 60 receivers, want %d", got, want)
	}
	run := work.Place{OrgID: "org", Stage: work.Runs}
	for range work.RunSlots {
		if _, ok := take(run); !ok {
			t.Fatal("got no slot of runs beside attempts, want one")
		}
	}
	if _, ok := take(run); ok {
		t.Error("got one more run than the limit, want none")
	}
	other, ok := take(work.Place{OrgID: "neighbour", Stage: work.Runs})
	if !ok {
		t.Fatal("got no slot for another org, want one")
	}

	// An extended slot stays taken for longer, and can be freed with its new time.
	kept, err := table.Store.ExtendSlot(t.Context(), other, until.Add(time.Minute))
	if err != nil || kept.Until != until.Add(time.Minute) {
		t.Fatalf("got slot %+v, %v; want it until %s", kept, err, until.Add(time.Minute))
	}
	if err := table.Store.FreeSlot(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	free := 0
	for range work.RunSlots {
		if _, ok := take(other.Place); ok {
			free++
		}
	}
	if want := work.RunSlots - 1; free != want {
		t.Errorf("got %d free slots besides the extended one, want %d", free, want)
	}
}
