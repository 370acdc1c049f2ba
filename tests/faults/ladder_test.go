package faults_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
)

var deliveries = flag.Int("deliveries", 300, "number of deliveries to a receiver that fails")

const (
	receivers = 25
	wave      = 150 // new deliveries in a minute
	hopeless  = 100 // one of so many is never accepted
)

// A receiver fails in three of ten attempts, and the sending processes die all the
// time, on a clock that runs through all retries. No delivery is lost, each is
// processed under one webhook-id, each attempt is made when it is due, and a delivery
// that is never accepted fails.
func TestDelivery_FailingReceiver(t *testing.T) {
	random := random(t)
	u, f := newUnruly(t, rand.New(rand.NewPCG(random.Uint64(), 0))), newFleet(t, random)
	var urls []string
	for range receivers {
		urls = append(urls, u.serve(t))
	}
	org := f.Org(t, 0)

	var all []delivery.Delivery
	began := f.now
	for len(all) < *deliveries || !f.done(t) {
		if f.now.Sub(began) > 72*time.Hour {
			t.Fatal("got unfinished deliveries after 72 hours, want none")
		}
		for len(all) < min(*deliveries, wave*(1+int(f.now.Sub(began).Minutes()))) {
			d := f.Delivery(t, org, urls[len(all)%receivers], fmt.Appendf(nil, `{"n":%d}`, len(all)))
			u.expect(d.EventID, len(all)%hopeless == 0)
			all = append(all, d)
			if err := f.Send(t.Context(), work.Message{Body: d.Ref}); err != nil {
				t.Fatal(err)
			}
		}
		f.work(t)
		f.pass(t)
	}
	var gaps, exact int
	for i, d := range all {
		d, err := f.Store.Delivery(t.Context(), d.Ref)
		if err != nil {
			t.Fatal(err)
		}
		f.wantEnd(t, u, d, i%hopeless == 0)
		g, e := f.wantLadder(t, d)
		gaps, exact = gaps+g, exact+e
	}
	t.Logf("%d of %d undisturbed waits are exact", exact, gaps)
	const ofOneSweeper = 2 // waits that one dead sweeper prolongs
	if exact+ofOneSweeper < gaps*3/4 {
		t.Errorf("got %d of %d exact waits, want three quarters", exact, gaps)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	t.Logf("%d deliveries, %d requests of which %d failed, %d deaths, %s", len(all), u.requests, u.failures, f.deaths, f.now.Sub(began))
	if u.followed != 0 || len(u.strange) != 0 || len(u.ids) > len(all) {
		t.Errorf("got %d followed redirects, %d bodies, %v under two ids, want 0, at most %d, none", u.followed, len(u.ids), u.strange, len(all))
	}
	if f.deaths < len(all)/40 {
		t.Errorf("got %d dead processes, want at least %d", f.deaths, len(all)/40)
	}
}

// wantEnd compares a delivery's final status with the receiver's records.
func (f *fleet) wantEnd(t *testing.T, u *unruly, d delivery.Delivery, hopeless bool) {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	last := delivery.Attempt{}
	if len(d.Attempts) > 0 {
		last = d.Attempts[len(d.Attempts)-1]
	}
	switch {
	case u.ids[string(d.Body)] != d.EventID:
		t.Errorf("%s: got webhook-id %q, want %s", d.Body, u.ids[string(d.Body)], d.EventID)
	case d.Status == delivery.Delivered && (hopeless || !u.taken[d.EventID] || last.Status/100 != 2):
		t.Errorf("%s: got delivered, want an attempt that the receiver accepted: %+v", d.Body, last)
	case d.Status == delivery.Failed && (d.Made != delivery.MaxAttempts || len(d.Attempts) != d.Made || last.Status/100 == 2):
		t.Errorf("%s: got failed after %d attempts, %d logged, want %d: %+v", d.Body, d.Made, len(d.Attempts), delivery.MaxAttempts, last)
	case d.Status == delivery.Pending, hopeless && d.Status != delivery.Failed:
		t.Errorf("%s: got %s after %d attempts, want a final status", d.Body, d.Status, d.Made)
	}
}

// longestStandBack is the longest delay of a delivery because its receiver's slots are
// taken. A dead worker occupies its slot for a minute.
const longestStandBack = 3 * time.Minute

// wantLadder checks when a delivery was attempted: never before its time, and at most
// five minutes later, with five more for each death or lost message, and
// longestStandBack for each message beyond one for each attempt. It returns the number
// of waits without any of these, and how many of them have exactly the ladder's length:
// the others missed a sweeper that died.
func (f *fleet) wantLadder(t *testing.T, d delivery.Delivery) (gaps, exact int) {
	t.Helper()
	for made := 1; made < len(d.Attempts); made++ {
		before := d.Attempts[made-1]
		asked := time.Duration(0)
		if before.Status == http.StatusTooManyRequests {
			asked = askedFor
		}
		low, _ := delivery.Wait(made, asked, 0)
		high, _ := delivery.Wait(made, asked, 1)
		late := time.Duration(1+f.trouble[d.ID]) * 5 * time.Minute
		stood := max(0, f.sent[d.ID]-len(d.Attempts))
		late += time.Duration(stood) * longestStandBack
		got := d.Attempts[made].At.Sub(before.At)
		if got < low-time.Second || got > high+late {
			t.Errorf("attempt %d of %s: got a wait of %s, want %s to %s and at most %s late", made+1, d.Body, got, low, high, late)
		}
		if f.trouble[d.ID] > 0 || stood > 0 {
			continue
		}
		gaps++
		if got <= high+2*time.Second {
			exact++
		}
	}
	return gaps, exact
}
