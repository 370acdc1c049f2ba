package dynamo_test

import (
	"crypto/rand"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
)

func newDelivery(at time.Time) delivery.Delivery {
	return delivery.Delivery{
		Ref: delivery.Ref{OrgID: "org", Target: "webhook", ID: delivery.IDAt(at, [10]byte{1})}, EventID: "evt", Type: "turn.failed",
		Body: []byte("{}"), CreatedAt: at, NextAt: at, Status: delivery.Pending,
	}
}

func store(t *testing.T, table dynamotest.Table, at time.Time) delivery.Delivery {
	t.Helper()
	d := newDelivery(at)
	if err := table.Store.CreateDelivery(t.Context(), nil, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// finish records an attempt at a delivery and returns the id of the delivery that is linked to it.
func finish(t *testing.T, table dynamotest.Table, r delivery.Ref, status delivery.Status) string {
	t.Helper()
	d, err := table.Store.ClaimDelivery(t.Context(), r, "lease", time.Now(), time.Now().Add(time.Minute))
	if err != nil || d == nil {
		t.Fatalf("got delivery %v, %v; want one", d, err)
	}
	d.Status, d.Made = status, d.Made+1
	next, err := table.Store.RecordDelivery(t.Context(), *d)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// A delivery that is stored again is unchanged, and it can be linked to another one only before its first
// attempt.
func TestLinkDelivery(t *testing.T) {
	table := dynamotest.Open(t)
	d := store(t, table, time.Now().Truncate(time.Millisecond))
	link := func(next string) bool {
		t.Helper()
		linked, err := table.Store.LinkDelivery(t.Context(), d.Ref, next)
		if err != nil {
			t.Fatal(err)
		}
		return linked
	}
	for i, next := range []string{"a", "a", "b"} {
		if got := link(next); got != (next == "a") {
			t.Errorf("%d: link to %s: got %t, want %t", i, next, got, next == "a")
		}
	}
	if next := finish(t, table, d.Ref, delivery.Delivered); next != "a" {
		t.Errorf("got link to %q, want a", next)
	}
	store(t, table, d.CreatedAt)
	if got, err := table.Store.Delivery(t.Context(), d.Ref); err != nil || got.Status != delivery.Delivered {
		t.Errorf("stored again: got status %s, error %v, want delivered", got.Status, err)
	}
	if link("a") {
		t.Error("got a link from an attempted delivery, want none")
	}
	d.ID = delivery.NewID()
	if link("a") {
		t.Error("got a link from a delivery that does not exist, want none")
	}
}

// A range is replayed in bounded pieces, and each result has the start of the next.
func TestReplayDeliveries_Range(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	began := now.Add(-time.Hour)
	const n = delivery.MaxReplayed + 5
	for i := range n {
		finish(t, table, store(t, table, began.Add(time.Duration(i)*time.Millisecond)).Ref, []delivery.Status{delivery.Delivered, delivery.Failed}[i%2])
	}
	store(t, table, began.Add(n*time.Millisecond)) // is on its way
	r := delivery.Range{OrgID: "org", Target: "webhook", From: began, To: now}
	for _, want := range []struct {
		refs int
		rest time.Time
	}{{delivery.MaxReplayed, began.Add(delivery.MaxReplayed * time.Millisecond)}, {5, time.Time{}}, {0, time.Time{}}} {
		got, err := table.Store.ReplayDeliveries(t.Context(), nil, r, now)
		if err != nil || len(got.Refs) != want.refs || !got.Rest.Equal(want.rest) {
			t.Fatalf("got %d replayed, the rest from %s, %v; want %+v", len(got.Refs), got.Rest, err, want)
		}
		if !got.Rest.IsZero() {
			r.From = got.Rest
		}
	}
	all, err := table.Store.Deliveries(t.Context(), "org", "webhook", "", 2*n)
	if err != nil || len(all) != n+1 {
		t.Fatalf("got %d deliveries, %v; want %d", len(all), err, n+1)
	}
	for i, d := range all[1:] { // from the newest on; each leads to the next of its time's
		leads := all[i].ID
		if i == 0 || i == 5 {
			leads = "" // the last of a range
		}
		if d.Next != leads {
			t.Errorf("delivery %d of %d: got link to %q, want %q", i, n, d.Next, leads)
		}
	}
	for _, d := range all {
		if d.Status != delivery.Pending || d.Made != 0 {
			t.Errorf("got delivery %+v, want it pending after no attempts", d)
		}
	}
}

func TestReplayDelivery(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	d := store(t, table, now)
	if _, err := table.Store.ReplayDelivery(t.Context(), nil, delivery.Ref{OrgID: "other", Target: d.Target, ID: d.ID}, now); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v for a delivery of another org, want NotFound", err)
	}
	if _, err := table.Store.ReplayDelivery(t.Context(), nil, d.Ref, now.Add(31*24*time.Hour)); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v for an expired delivery, want NotFound", err)
	}
	claimed, err := table.Store.ClaimDelivery(t.Context(), d.Ref, "lease", now, now.Add(time.Minute))
	if err != nil || claimed == nil {
		t.Fatalf("got delivery %v, %v; want it claimed", claimed, err)
	}
	if _, err := table.Store.ReplayDelivery(t.Context(), nil, d.Ref, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("got %v for a delivery that a worker has claimed, want Conflict", err)
	}
	claimed.Status, claimed.Made, claimed.Attempts = delivery.Failed, 8, []delivery.Attempt{{At: now, Status: 500}}
	if _, err := table.Store.RecordDelivery(t.Context(), *claimed); err != nil {
		t.Fatal(err)
	}
	shown, err := table.Store.ReplayDelivery(t.Context(), nil, d.Ref, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := table.Store.Delivery(t.Context(), d.Ref)
	stored.Body = nil
	if diff := cmp.Diff(stored, shown); err != nil || diff != "" || shown.Status != delivery.Pending || len(shown.Attempts) != 1 {
		t.Errorf("%v (-stored +shown):\n%s", err, diff)
	}
}

// The parts of a body are kept as long as their delivery.
func TestReplayDelivery_KeepsBodyParts(t *testing.T) {
	body := make([]byte, 900_000)
	_, _ = rand.Read(body) // which packing makes no shorter
	for name, replay := range map[string]func(dynamotest.Table, delivery.Delivery, time.Time) error{
		"one": func(table dynamotest.Table, d delivery.Delivery, at time.Time) error {
			_, err := table.Store.ReplayDelivery(t.Context(), nil, d.Ref, at)
			return err
		},
		"a range": func(table dynamotest.Table, d delivery.Delivery, at time.Time) error {
			r := delivery.Range{OrgID: d.OrgID, Target: d.Target, From: d.CreatedAt, To: at}
			_, err := table.Store.ReplayDeliveries(t.Context(), nil, r, at)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			table := dynamotest.Open(t)
			d := newDelivery(time.Now().Truncate(time.Millisecond))
			d.Body = body
			if err := table.Store.CreateDelivery(t.Context(), nil, d); err != nil {
				t.Fatal(err)
			}
			finish(t, table, d.Ref, delivery.Delivered)
			if err := replay(table, d, d.CreatedAt.Add(29*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			ends := map[string]int{}
			for _, it := range table.Items(t) {
				if n, ok := it["expires"].(*types.AttributeValueMemberN); ok {
					ends[n.Value]++
				}
			}
			want := map[string]int{strconv.FormatInt(d.CreatedAt.Add(59*24*time.Hour).Unix(), 10): 4}
			if diff := cmp.Diff(want, ends); diff != "" {
				t.Errorf("items by when they expire (-want +got):\n%s", diff)
			}
		})
	}
}
