package ledger

import "time"

// HoldLife is how long a hold stands whose turn died: the sweeper releases
// it afterwards. It is longer than any function may run.
const HoldLife = 15 * time.Minute

// Account is an org's money and limits.
type Account struct {
	OrgID     string
	Available Credits            // the balance minus all holds
	Open      map[string]Credits // the turns under way, by id, and what each holds
	Hold      Credits            // what a turn holds; 0 when metering is off
	Metered   bool               // when off nothing is held, refused or charged
	Prices    Prices
	Limits    Limits
	Waiting   int // turns that were accepted to run later, and have not ended

	// Shards is how many parts the account is kept in, for an org that is too
	// busy for one; 0 and 1 are one. Limits are those of all parts together.
	Shards int

	ModelPrices map[string]Prices // of models that have prices of their own
}

// Held returns the sum of all holds.
func (a Account) Held() Credits {
	var sum Credits
	for _, h := range a.Open {
		sum += h
	}
	return sum
}

// Balance returns what the org owns: what is available and what is held.
func (a Account) Balance() Credits { return a.Available + a.Held() }

// NewAccount returns an account with the given balance and the defaults.
func NewAccount(orgID string, balance Credits) Account {
	return Account{
		OrgID: orgID, Available: balance, Open: map[string]Credits{},
		Hold: DefaultHold, Metered: true, Prices: DefaultPrices, Limits: DefaultLimits,
	}
}

// Hold is an admitted turn's claim on its org's account.
type Hold struct {
	OrgID   string
	TurnID  string
	Kind    Kind
	Shard   int // the part of the account that the turn is open on
	Amount  Credits
	Account Account // as it stood right after admission
	Rates   Rates   // likewise

	// Elsewhere is what was available on the account's other parts, if that was
	// asked for.
	Elsewhere Credits

	// Stale names counters of past times that the store may drop when it
	// next writes the account.
	Stale []string
}

// AvailableBefore is what was available when the gate ran, before this hold.
func (h Hold) AvailableBefore() Credits { return h.Account.Available + h.Amount + h.Elsewhere }

// Budget is the most the turn may cost: its hold and what was free beside it, on
// its part of the account.
func (h Hold) Budget() Credits { return h.Amount + max(h.Account.Available, 0) }
