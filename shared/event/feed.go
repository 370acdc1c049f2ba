package event

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Store keeps endpoints, and what is to go to them.
type Store interface {
	// Endpoints returns up to limit endpoints of an org.
	Endpoints(ctx context.Context, orgID, after string, limit int) ([]delivery.Endpoint, error)

	// CreateDelivery stores a delivery. One that is there stays as it is.
	CreateDelivery(ctx context.Context, d delivery.Delivery) error

	// LinkDelivery has a delivery that was not tried yet lead to another one, and
	// reports whether it does.
	LinkDelivery(ctx context.Context, r delivery.Ref, next string) (bool, error)

	// TurnsUpTo returns up to limit turns of a thread at the given place or
	// before it.
	TurnsUpTo(ctx context.Context, orgID, threadID string, place int64, limit int) ([]turn.Turn, error)

	// Standing returns where an org was found last, and its account's parts.
	Standing(ctx context.Context, orgID string) (Standing, []ledger.Account, error)

	// Stand keeps where an org stands now, unless that has changed since it was
	// read, or what a part owns has.
	Stand(ctx context.Context, s Standing, parts []ledger.Account) error

	// MarkTold notes that an org's endpoints know where it stands, if it still does.
	MarkTold(ctx context.Context, s Standing) error
}

// Feed makes fan-outs of changes. That is the same little work for an org with
// twenty endpoints as for one with a single endpoint, so that the stream, which
// all orgs share, does not wait for it. Fanout does the rest.
type Feed struct {
	Store   Store
	Workers delivery.Queue
	Now     func() time.Time
}

// rounding is how much later than it says a change may have been made: the stream
// has seconds.
const rounding = time.Second

// orgsAtOnce is how many orgs' changes are followed side by side.
const orgsAtOnce = 16

// Follow takes changes in their order and returns how many it is done with; if
// that is not all of them, the error says why. It may be killed at any point and
// be given the same changes again: the deliveries are the same ones then.
//
// The changes of each org are followed in their order, those of different orgs
// side by side: no org waits for another one's.
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
					failed, errs = 0, append(errs, fmt.Errorf("panic: %v", p)) // nothing is known to be done
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
	_ = all.Wait() // the errors are in errs
	return failed, errors.Join(errs...)
}

// byOrg returns the places of the changes of each org, in their order.
func byOrg(changes []Change) [][]int {
	var all [][]int
	known := map[string]int{}
	for i, c := range changes {
		org := c.orgID()
		if org == "" {
			continue // no event's cause
		}
		at, ok := known[org]
		if !ok {
			at, known[org], all = len(all), len(all), append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// followOrg follows the changes of one org, which lie at the given places. It
// returns the place of the one that failed.
func (f *Feed) followOrg(ctx context.Context, changes []Change, places []int) (at int, err error) {
	var endpoints []delivery.Endpoint
	read, looked := false, false // once each, after all these changes were made
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
			// They are read after the changes were made, so that none is missed
			// that was there by then.
			if endpoints, err = f.Store.Endpoints(ctx, h.OrgID, "", delivery.MaxEndpoints); err != nil {
				return i, err
			}
			read = true
		}
		if err := f.announce(ctx, c, h, endpoints); err != nil {
			return i, err
		}
	}
	return 0, nil
}

// announce stores a fan-out for what an endpoint wants. The fan-out of what
// happened before in the same thread leads to it, if that is not done yet, so that
// endpoints hear of a thread in order; otherwise it is sent to a worker.
func (f *Feed) announce(ctx context.Context, c Change, h Happening, endpoints []delivery.Endpoint) error {
	if !h.wantedBy(endpoints) {
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
	if err := f.Store.CreateDelivery(ctx, d); err != nil {
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

// before returns what happened last in the thread of a turn.
func (f *Feed) before(ctx context.Context, c Change) (Happening, error) {
	if c.Turn == nil || c.Turn.Starts {
		return Happening{}, nil
	}
	turns, err := f.Store.TurnsUpTo(ctx, c.Turn.OrgID, c.Turn.ThreadID, c.Turn.Place-1, 1)
	if err != nil || len(turns) == 0 {
		return Happening{}, err
	}
	return ofTurn(turns[0]), nil
}
