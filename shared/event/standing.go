package event

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Standing is where an org stands whose account is in parts. No change of a part
// tells what the org owned before and after it, so that is kept, and whoever
// finds it changed changes it.
type Standing struct {
	OrgID   string
	Changes int // how often it has changed; 0 for an org that was below no bound yet
	Below   int // how many bounds the org is below
	Told    int // below how many of them its webhooks know it to be

	// When it was found, to the millisecond, and what the org owned then.
	At                 time.Time
	Balance, Available ledger.Credits
}

// unknown is where an org stood of which nothing is kept: as it did before the
// change that put its account in parts, otherwise above all bounds.
func (c Change) unknown() int {
	if before := c.Account.Before; before.Shards <= 1 {
		return below(before.Balance(), before.Hold)
	}
	return 0
}

// mayCross tells whether a change of an account in parts can have brought its org
// to the other side of a bound. Below one, all parts are: a part that is above
// all of them before and after its change says that the org is.
func (c Change) mayCross() bool {
	if c.Account == nil || c.Account.Before == nil || c.Account.After == nil {
		return false
	}
	before, after := c.Account.Before, c.Account.After
	if !after.Metered || after.Shards <= 1 {
		return false
	}
	// What happened while metering was off was not looked at.
	return !before.Metered || below(min(before.Balance(), after.Balance()), after.Hold) > 0
}

// now returns where the org stands with these parts.
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

// untold is what webhooks do not know yet. Its ids are of the change, which is
// one for all who tell of it.
func (s Standing) untold() Happening {
	return fall(s.OrgID, Credits{Balance: s.Balance.Number(), Available: s.Available.Number()}, s.Told, s.Below, s.At, func(what string) string {
		return eventID(s.OrgID, fmt.Sprintf("%s_%d", what, s.Changes))
	})
}

// maxLooks bounds how often an org is looked at because its credits have moved
// meanwhile. One that is near a bound has few turns to move them.
const maxLooks = 30

// look sees where an org stands whose account is in parts. What was found is told
// before anything else is: whoever found it may have died.
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
	return fmt.Errorf("org %s: its credits move faster than they can be looked at", orgID)
}

// tell has webhooks told. They are read after the org was found where it stands,
// so that none is missed that was there by then.
func (f *Feed) tell(ctx context.Context, s Standing) error {
	webhooks, err := f.Store.Webhooks(ctx, s.OrgID, "", delivery.MaxWebhooks)
	if err != nil {
		return err
	}
	if err := f.announce(ctx, Change{}, s.untold(), webhooks); err != nil {
		return err
	}
	return f.Store.MarkTold(ctx, s)
}
