package event

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Store keeps listeners, deliveries and the standing of orgs.
type Store interface {
	// Listeners returns the webhooks of an org and the triggers of its automations.
	Listeners(ctx context.Context, orgID string) (Listeners, error)

	// CreateDelivery stores a delivery. It does not change one that exists.
	CreateDelivery(ctx context.Context, once *idempotency.Change, d delivery.Delivery) error

	// LinkDelivery makes the delivery next wait for the first attempt of another
	// one. It reports false when the other was attempted already or does not exist.
	LinkDelivery(ctx context.Context, r delivery.Ref, next string) (bool, error)

	// TurnsUpTo returns up to limit turns of a thread at the given place or
	// before it.
	TurnsUpTo(ctx context.Context, t thread.Thread, place int64, limit int) ([]turn.Turn, error)

	// Standing returns the last known standing of an org, and its account's parts.
	Standing(ctx context.Context, orgID string) (Standing, []ledger.Account, error)

	// Stand stores an org's new standing. It fails if the standing or the balance of
	// a part has changed since it was read.
	Stand(ctx context.Context, s Standing, parts []ledger.Account) error

	// MarkTold records that an org's webhooks were notified of a standing, unless
	// the standing has changed.
	MarkTold(ctx context.Context, s Standing) error
}

// Feed turns changes of the table into fan-outs. All orgs share the stream, and a
// fan-out costs the same for twenty webhooks as for one, so an org with many webhooks
// does not hold up the others. Fanout then creates the deliveries.
type Feed struct {
	Store   Store
	Workers work.Queue
	Now     func() time.Time
}

// rounding is the imprecision of a change's time: the stream rounds it down to seconds.
const rounding = time.Second

// orgsAtOnce is the number of orgs whose changes are handled concurrently.
const orgsAtOnce = 16

// Follow handles changes. It returns the number of changes before the first that failed,
// and an error if that is not all of them. Follow is idempotent: after a crash at any
// point, the same changes produce the same deliveries.
//
// The changes of one org are handled in order. Orgs are handled concurrently and do not
// wait for each other.
func (f *Feed) Follow(ctx context.Context, changes []Change) (done int, err error) {
	var (
		all    errgroup.Group
		mu     sync.Mutex
		failed = len(changes) // the first change that was not done
		errs   []error
	)
	all.SetLimit(orgsAtOnce)
	for _, places := range byOrg(changes) {
		all.Go(func() error {
			defer func() {
				if p := recover(); p != nil {
					mu.Lock()
					defer mu.Unlock()
					failed, errs = 0, append(errs, fmt.Errorf("panic: %v", p)) // treat all changes as failed
				}
			}()
			if at, err := f.followOrg(ctx, changes, places); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed, errs = min(failed, at), append(errs, err)
			}
			return nil
		})
	}
	_ = all.Wait() // errs has the errors
	return failed, errors.Join(errs...)
}

// byOrg returns the indexes of the changes of each org, in order.
func byOrg(changes []Change) [][]int {
	var all [][]int
	known := map[string]int{}
	for i, c := range changes {
		org := c.orgID()
		if org == "" {
			continue // it causes no event
		}
		at, ok := known[org]
		if !ok {
			at, known[org], all = len(all), len(all), append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// followOrg handles the changes of one org, which are at the given indexes. It
// returns the index of the change that failed.
func (f *Feed) followOrg(ctx context.Context, changes []Change, places []int) (at int, err error) {
	var listeners Listeners
	read, looked := false, false // once per batch suffices: all its changes were committed before
	for _, i := range places {
		c := changes[i]
		if c.mayCross() && !looked {
			if err := f.look(ctx, c); err != nil {
				return i, err
			}
			looked = true
		}
		h := c.Happening()
		if len(h.Events) == 0 {
			continue
		}
		if !read {
			// Listeners are read after the changes were committed, so that every
			// listener that existed then is found.
			if listeners, err = f.Store.Listeners(ctx, h.OrgID); err != nil {
				return i, err
			}
			read = true
		}
		if err := f.announce(ctx, c, h, listeners); err != nil {
			return i, err
		}
	}
	return 0, nil
}

// announce stores the fan-out of a happening that at least one listener wants. If the
// previous fan-out of the thread is pending, this one waits for it, so that webhooks
// receive a thread's events in order; otherwise it is sent to a worker.
func (f *Feed) announce(ctx context.Context, c Change, h Happening, to Listeners) error {
	if !to.want(h) {
		return nil
	}
	before, err := f.before(ctx, c)
	if err != nil {
		return err
	}
	d, err := h.fanout(before, f.Now())
	if err != nil {
		return err
	}
	if err := f.Store.CreateDelivery(ctx, nil, d); err != nil {
		return err
	}
	if len(before.Events) > 0 {
		if linked, err := f.Store.LinkDelivery(ctx, before.fanoutRef(), d.ID); linked || err != nil {
			return err
		}
	}
	delivery.Wake(ctx, f.Workers, d.Ref)
	return nil
}

// before returns the happening of the turn before a turn in its thread.
func (f *Feed) before(ctx context.Context, c Change) (Happening, error) {
	if c.Turn == nil || c.Turn.Starts {
		return Happening{}, nil
	}
	turns, err := f.Store.TurnsUpTo(ctx, thread.Thread{OrgID: c.Turn.OrgID, ID: c.Turn.ThreadID}, c.Turn.Place-1, 1)
	if err != nil || len(turns) == 0 {
		return Happening{}, err
	}
	return ofTurn(turns[0]), nil
}
