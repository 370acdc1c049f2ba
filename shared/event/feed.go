package event

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Store keeps endpoints and deliveries.
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

// Feed makes deliveries of changes.
type Feed struct {
	Store   Store
	Workers delivery.Queue
	Now     func() time.Time
}

// rounding is how much later than it says a change may have been made: the stream
// has seconds.
const rounding = time.Second

// Follow takes changes in their order and returns how many it is done with; if
// that is not all of them, the error says why. It may be killed at any point and
// be given the same changes again: the deliveries are the same ones then.
func (f *Feed) Follow(ctx context.Context, changes []Change) (done int, err error) {
	known := map[string][]delivery.Endpoint{} // by org, while these changes last
	looked := map[string]bool{}               // at orgs, after all these changes were made
	for i, c := range changes {
		if c.mayCross() && !looked[c.Account.After.OrgID] {
			if err := f.look(ctx, c); err != nil {
				return i, err
			}
			looked[c.Account.After.OrgID] = true
		}
		h := c.Happening()
		if len(h.Events) == 0 {
			continue
		}
		endpoints, ok := known[h.OrgID]
		if !ok {
			// They are read after the changes were made, so that none is missed
			// that was there by then.
			if endpoints, err = f.Store.Endpoints(ctx, h.OrgID, "", delivery.MaxEndpoints); err != nil {
				return i, err
			}
			known[h.OrgID] = endpoints
		}
		if err := f.deliver(ctx, c, h, endpoints); err != nil {
			return i, err
		}
	}
	return len(changes), nil
}

// deliver stores what goes to each endpoint and wakes workers.
func (f *Feed) deliver(ctx context.Context, c Change, h Happening, endpoints []delivery.Endpoint) error {
	var before Happening // in the same thread
	read := false
	var all errgroup.Group
	for _, e := range endpoints {
		if h.At.Add(rounding).Before(e.CreatedAt) {
			continue // it is told of what comes
		}
		deliveries, err := h.For(e)
		if err != nil {
			return err
		}
		if len(deliveries) == 0 {
			continue
		}
		if !read {
			if before, err = f.before(ctx, c); err != nil {
				return err
			}
			read = true
		}
		all.Go(func() error { return f.send(ctx, e, before, deliveries) })
	}
	return all.Wait()
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

// send stores deliveries, the last first: whoever is led to one finds it. The
// first is led to by the last of what happened before, if that was not tried
// yet, so that an endpoint hears of a thread in order; otherwise it is sent.
func (f *Feed) send(ctx context.Context, e delivery.Endpoint, before Happening, deliveries []delivery.Delivery) error {
	now := f.Now()
	for i := range deliveries {
		d := deliveries[len(deliveries)-1-i]
		d.NextAt = now
		if err := f.Store.CreateDelivery(ctx, d); err != nil {
			return err
		}
	}
	first := deliveries[0]
	earlier, err := before.For(e)
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		if linked, err := f.Store.LinkDelivery(ctx, earlier[len(earlier)-1].Ref, first.ID); linked || err != nil {
			return err
		}
	}
	delivery.Wake(ctx, f.Workers, first.Ref)
	return nil
}
