package work_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quintet-agents/quintet/shared/work"
)

// counted counts the calls that keep a slot.
type counted struct{ extended, freed int }

func (c *counted) ClaimSlot(_ context.Context, p work.Place, _, until time.Time) (work.Slot, bool, error) {
	return work.Slot{Place: p, Until: until}, true, nil
}

func (c *counted) ExtendSlot(_ context.Context, s work.Slot, until time.Time) (work.Slot, error) {
	c.extended++
	s.Until = until
	return s, nil
}

func (c *counted) FreeSlot(context.Context, work.Slot) error {
	c.freed++
	return nil
}

func TestLease_Keep(t *testing.T) {
	for _, test := range []struct {
		name              string
		held              time.Duration // by this worker; then another one has it
		work              time.Duration
		renewed, extended int
	}{
		{"short work renews nothing", time.Hour, time.Second, 0, 0},
		{"long work renews lease and slot", time.Hour, 101 * time.Second, 20, 2},
		{"a lost lease is not renewed again", 12 * time.Second, 101 * time.Second, 3, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, renewed := time.Now(), 0
				slots := &counted{}
				stop := work.Lease{
					Slots: slots, Slot: work.Slot{Until: start.Add(work.SlotTime)}, Time: 15 * time.Second, Now: time.Now,
					Renew: func(context.Context, time.Time) (bool, error) {
						renewed++
						return time.Since(start) < test.held, nil
					},
				}.Keep(t.Context())
				<-time.After(test.work)
				stop()
				if renewed != test.renewed || slots.extended != test.extended || slots.freed != 1 {
					t.Errorf("got %d renewals, %d extensions and %d slots freed, want %d, %d and 1", renewed, slots.extended, slots.freed, test.renewed, test.extended)
				}
			})
		})
	}
}
