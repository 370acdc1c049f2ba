package event

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Standing records which bounds the balance of a sharded account is below. A change of
// one part does not show the org's balance before and after it, so the last known
// standing is stored and compared with the sum of the parts.
type Standing struct {
	OrgID   string
	Changes int // number of changes so far; 0 for an org that was never below a bound
	Below   int // number of bounds that the org is below
	Told    int // the value of Below that was sent to the org's webhooks

	// Time of the change, to the millisecond, and the org's balance at that time.
	At                 time.Time
	Balance, Available ledger.Credits
}

// unknown returns Below for an org without a stored standing: the value before the change
// that split its account, otherwise 0.
func (c Change) unknown() int {
	if before := c.Account.Before; before.Shards <= 1 {
		return below(before.Balance(), before.Hold)
	}
	return 0
}

// mayCross reports whether a change of one part can have moved the org across a bound. A
// part that is above all bounds before and after the change proves that the org is too.
func (c Change) mayCross() bool {
	if c.Account == nil || c.Account.Before == nil || c.Account.After == nil {
		return false
	}
	before, after := c.Account.Before, c.Account.After
	if !after.Metered || after.Shards <= 1 {
		return false
	}
	// Changes during unmetered operation were not examined.
	return !before.Metered || below(min(before.Balance(), after.Balance()), after.Hold) > 0
}

// now returns the standing of the org with these parts.
func (s Standing) now(parts []ledger.Account, at time.Time) Standing {
	var balance, available ledger.Credits
	for _, p := range parts {
		balance, available = balance+p.Balance(), available+p.Available
	}
	n := below(balance, parts[0].Hold)
	if known := s.Changes > 0 || s.Below == 0; n == s.Below && known || !parts[0].Metered {
		return s
	}
	s.Changes, s.Below, s.Told = s.Changes+1, n, min(s.Told, n)
	s.At, s.Balance, s.Available = at.Truncate(time.Millisecond), balance, available
	return s
}

// untold returns the events that webhooks have not received yet. Their ids derive from
// the standing's change number, so concurrent runs produce the same ids.
func (s Standing) untold() Happening {
	return fall(s.OrgID, Credits{Balance: s.Balance.Number(), Available: s.Available.Number()}, s.Told, s.Below, s.At, func(what string) string {
		return eventID(s.OrgID, fmt.Sprintf("%s_%d", what, s.Changes))
	})
}

// maxLooks bounds the retries of look when the org's credits change concurrently. An org
// near a bound has few turns that could change them.
const maxLooks = 30

// look updates the standing of a sharded account. It first sends the events of the
// stored standing, because the run that stored it may have died before sending.
func (f *Feed) look(ctx context.Context, c Change) error {
	orgID := c.Account.After.OrgID
	for range maxLooks {
		was, parts, err := f.Store.Standing(ctx, orgID)
		if err != nil {
			return err
		}
		if was.Changes == 0 {
			was.Below, was.Told = c.unknown(), c.unknown()
		}
		if was.Told < was.Below {
			if err := f.tell(ctx, was); err != nil {
				return err
			}
			continue
		}
		is := was.now(parts, f.Now())
		if is == was {
			return nil
		}
		if err := f.Store.Stand(ctx, is, parts); err != nil {
			return err
		}
	}
	return fmt.Errorf("standing of org %s: its credits changed during each of the retries", orgID)
}

// tell sends the events that listeners have not received. It reads the listeners after the
// standing was stored, so it finds every listener that existed at that time.
func (f *Feed) tell(ctx context.Context, s Standing) error {
	listeners, err := f.Store.Listeners(ctx, s.OrgID)
	if err != nil {
		return err
	}
	if err := f.announce(ctx, Change{}, s.untold(), listeners); err != nil {
		return err
	}
	return f.Store.MarkTold(ctx, s)
}
