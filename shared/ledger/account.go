package ledger

import "time"

// HoldLife is the age at which the sweeper releases the hold of a turn that died. It is
// longer than any function may run.
const HoldLife = 15 * time.Minute

// Account is an org's money and limits.
type Account struct {
	OrgID     string
	Available Credits            // the balance minus all holds
	Open      map[string]Credits // the holds of open turns, by turn id
	Hold      Credits            // credits that a new turn holds; 0 when metering is off
	Metered   bool               // false: nothing is held, refused or charged
	Prices    Prices
	Limits    Limits
	Waiting   int // jobs (turns accepted to run later) that have not ended

	// Shards is the number of parts of the account: more than 1 for orgs that are too busy
	// for one item; 0 means 1. Limits apply to all parts together.
	Shards int

	ModelPrices map[string]Prices // by model, for models with their own prices

	// OwnPrices are the prices of turns on the org's own provider, whatever their model. The
	// default is 0: the org pays the provider itself.
	OwnPrices Prices
}

// HoldOf returns the credits that a new turn of a kind holds. A turn that costs nothing
// holds nothing, so it needs no credits.
func (a Account) HoldOf(kind Kind) Credits {
	if kind == OwnKey && a.OwnPrices == (Prices{}) {
		return 0
	}
	return a.Hold
}

// Held returns the sum of all holds.
func (a Account) Held() Credits {
	var sum Credits
	for _, h := range a.Open {
		sum += h
	}
	return sum
}

// Balance returns the available and the held credits together.
func (a Account) Balance() Credits { return a.Available + a.Held() }

// NewAccount returns an account with the given balance and the defaults.
func NewAccount(orgID string, balance Credits) Account {
	return Account{
		OrgID: orgID, Available: balance, Open: map[string]Credits{},
		Hold: DefaultHold, Metered: true, Prices: DefaultPrices, Limits: DefaultLimits,
	}
}

// Hold is the reservation that an admitted turn has on its org's account.
type Hold struct {
	OrgID   string
	TurnID  string
	Kind    Kind
	Shard   int // the part of the account that the turn is open on
	Amount  Credits
	Account Account // state right after admission
	Rates   Rates   // at the same time

	// Elsewhere has the available credits of the account's other parts, if the
	// admission asked for them.
	Elsewhere Credits

	// Stale names expired counters that the store may drop with its next write of
	// the account.
	Stale []string
}

// AvailableBefore returns the credits that were available before this hold was taken.
func (h Hold) AvailableBefore() Credits { return h.Account.Available + h.Amount + h.Elsewhere }

// Budget returns the largest possible cost of the turn: its hold plus the other credits
// that were available on its part of the account.
func (h Hold) Budget() Credits { return h.Amount + max(h.Account.Available, 0) }
