package inbox_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/flaky"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// An acknowledgement costs one conditional write for each message, and a redelivery the same.
func TestReceiver_Cost(t *testing.T) {
	w := openHall(t).world(t)
	calls := &flaky.Transport{}
	w.receiver.Store = w.Table.Beside(dynamotest.Through(calls), dynamotest.At(w.now), dynamotest.Eager()).Store
	batch := []channel.Update{w.message("m1", "316", "one"), w.message("m2", "317", "two"), w.message("m3", "316", "three")}
	for _, what := range []string{"first", "redelivered"} {
		calls.Plan(nil, nil)
		w.receive(t, batch...)
		got, _ := calls.Calls()
		if d := cmp.Diff([]string{"PutItem", "PutItem", "PutItem"}, got); d != "" {
			t.Errorf("%s: store calls (-want +got):\n%s", what, d)
		}
	}
	if len(w.queue) != 3 {
		t.Errorf("got %d messages for workers, want 3", len(w.queue))
	}
}

// Workers that meet a new person at the same time create one contact.
func TestWorker_OneContact(t *testing.T) {
	w := openHall(t).world(t)
	var texts []string
	for n := range 8 {
		texts = append(texts, fmt.Sprintf("text %d", n))
		u := w.message(fmt.Sprintf("m%d", n), "316", texts[n])
		if n%2 == 0 {
			u.Message.From = channel.Person{Address: "316", UserID: "NL.1"}
		}
		w.receive(t, u)
	}
	var all sync.WaitGroup
	for {
		m, ok := w.next(w.now())
		if !ok {
			break
		}
		all.Go(func() { w.take(t, w.process(mortal.Immortal()), m) })
	}
	all.Wait()
	w.settle(t, w.process(mortal.Immortal()))
	w.check(t, texts)
	if ids := w.contactIDs(t); len(ids) != 1 {
		t.Errorf("got contacts %v, want one", ids)
	}
}

// BenchmarkReceiver stores messages beside a bare conditional write of the same row.
func BenchmarkReceiver(b *testing.B) {
	h := openHall(b)
	w := h.world(b)
	b.Run("acknowledge", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			w.receive(b, w.message(fmt.Sprintf("%s-%d-%d", b.Name(), b.N, n), "316", "hello"))
		}
	})
	b.Run("bare", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			u := w.message(fmt.Sprintf("%s-%d-%d", b.Name(), b.N, n), "316", "hello")
			r := inbox.Received{Update: u, At: w.now(), Ref: inbox.Ref{
				OrgID: w.org, Channel: w.connection.Channel, ConnectionID: w.connection.ID, UpdateID: inbox.UpdateID(u),
			}}
			if fresh, err := w.Store.Receive(b.Context(), r); err != nil || !fresh {
				b.Fatalf("got %t, %v; want true", fresh, err)
			}
		}
	})
}
