package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// unruly is a receiver that fails in a third of all attempts, sometimes after
// it has taken what was sent.
type unruly struct {
	random *rand.Rand
	life   *life
	times  map[string][]time.Time
	taken  map[string]int
	always map[string]bool // fails whatever comes
}

func (u *unruly) Post(_ context.Context, r delivery.Request) (delivery.Result, error) {
	u.times[r.ID] = append(u.times[r.ID], r.At)
	result := delivery.Result{Status: 200}
	if u.always[r.ID] || u.random.IntN(10) < 3 {
		result = []delivery.Result{
			{Failure: delivery.TimedOut}, {Failure: delivery.Closed}, {Status: 500}, {Status: 302}, {Status: 429, RetryAfter: 10 * time.Second},
		}[u.random.IntN(5)]
	}
	if result.Done() || result.Failure == delivery.TimedOut && !u.always[r.ID] && u.random.IntN(2) == 0 {
		u.taken[r.ID]++ // its effect; the second is none, by the id
	}
	return result, u.life.call(func() error { return nil })
}

const ladderDeliveries = 40

// Deliveries to a receiver that fails a third of the time, by workers that die
// all the time, on a clock that runs through the whole ladder: none is lost,
// each is tried when it is due, and what never is taken has failed in the end.
func TestLadder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	l := &life{immortal: true}
	r := newCallbackRig(t, l)
	u := &unruly{random: random, life: l, times: map[string][]time.Time{}, taken: map[string]int{}, always: map[string]bool{}}
	worker := &delivery.Worker{Store: r.Store, Secrets: r.secrets, Sender: u, Queue: r.outs, Now: func() time.Time { return r.now }, Chance: random.Float64}
	r.send = worker.Work

	var all []delivery.Ref
	for i := range ladderDeliveries {
		all = append(all, r.deliver(t, fmt.Sprintf("http://receiver-%d.test/", i%7), i < 3, u))
	}
	began := r.now
	for r.now.Sub(began) < 40*time.Hour {
		l.dead, l.left, l.calls, l.made, l.immortal = false, 5+random.IntN(200), 0, random.IntN(2) == 0, false
		r.work(t) // until the process dies, if it does
		l.dead, l.immortal = false, true
		if err := r.sweep(t.Context(), r.now); err != nil {
			t.Fatal(err)
		}
		r.work(t)
		r.now = r.now.Add(r.nextLook(t))
	}
	for i, ref := range all {
		d, err := r.Store.Delivery(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		switch want := delivery.Delivered; {
		case i < 3 && d.Status != delivery.Failed, i >= 3 && d.Status != want:
			t.Errorf("delivery %d is %s after %d attempts", i, d.Status, d.Made)
		case i >= 3 && u.taken[d.EventID] == 0:
			t.Errorf("delivery %d was never taken", i)
		case i < 3 && (d.Made != delivery.MaxAttempts || len(d.Attempts) != delivery.MaxAttempts):
			t.Errorf("delivery %d was tried %d times, %d are in its log", i, d.Made, len(d.Attempts))
		case i < 3:
			wantLadder(t, d)
		}
	}
}

// wantLadder looks at when a delivery was tried: not before a rung's time, and
// not later than the sweeper comes round after the rung, a death included.
func wantLadder(t *testing.T, d delivery.Delivery) {
	t.Helper()
	for made := 1; made < len(d.Attempts); made++ {
		rung, _ := delivery.Wait(made, 0, 0.5)
		low, _ := delivery.Wait(made, 0, 0)
		high, _ := delivery.Wait(made, 0, 1)
		got := d.Attempts[made].At.Sub(d.Attempts[made-1].At)
		if got < low-2*time.Second || got > high+5*time.Minute {
			t.Errorf("attempt %d came after %s, not about %s", made+1, got, rung)
		}
	}
}

// deliver stores a delivery.
func (r *callbackRig) deliver(t *testing.T, url string, fails bool, u *unruly) delivery.Ref {
	t.Helper()
	j := delivery.Job{JobRef: delivery.JobRef{OrgID: r.org, ID: delivery.NewID()}, URL: url, CreatedAt: r.now}
	if err := r.Store.CreateJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	taken, err := r.Store.TakeJob(t.Context(), j.JobRef, "lease", r.now, r.now.Add(time.Minute))
	if err != nil || taken == nil {
		t.Fatal(taken, err)
	}
	d := taken.Outcome([]byte(`{}`), r.now)
	if ours, err := r.Store.FinishJob(t.Context(), *taken, d); err != nil || !ours {
		t.Fatal(ours, err)
	}
	u.always[d.EventID] = fails
	return d.Ref
}

// nextLook is how long it is until the sweeper finds something to do: the time
// between is skipped, minute by minute.
func (r *callbackRig) nextLook(t *testing.T) time.Duration {
	t.Helper()
	for minutes := 1; minutes < 40*60; minutes *= 2 {
		wait, found := time.Duration(minutes)*time.Minute, errors.New("there is something")
		err := r.Store.Waiting(t.Context(), r.now.Add(wait), func(page []delivery.Waiting) error {
			if len(page) > 0 {
				return found
			}
			return nil
		})
		if errors.Is(err, found) {
			return max(time.Minute, wait/2)
		}
	}
	return time.Hour
}
