package ledger

import (
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// HoldLife is how long a hold stands whose turn died: the sweeper releases
// it afterwards. It is longer than any function may run.
const HoldLife = 15 * time.Minute

// Limits bound what an org may do at a time.
type Limits struct {
	RatePerMinute      int // requests of the org
	KeyRatePerMinute   int // requests of one key
	MaxConcurrentTurns int
}

// DefaultLimits are the limits of an org that has none of its own.
var DefaultLimits = Limits{RatePerMinute: 600, KeyRatePerMinute: 300, MaxConcurrentTurns: 1000}

// Account is an org's money and limits.
type Account struct {
	OrgID     string
	Available Credits            // the balance minus all holds
	Open      map[string]Credits // the turns under way, by id, and what each holds
	Hold      Credits            // what a turn holds; 0 when metering is off
	Metered   bool               // when off nothing is held, refused or charged
	Prices    Prices
	Limits    Limits
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
	Amount  Credits
	Account Account // as it stood right after admission

	// Stale names counters of past minutes that the store may drop when it
	// next writes the account.
	Stale []string
}

// AvailableBefore is what was available when the gate ran, before this hold.
func (h Hold) AvailableBefore() Credits { return h.Account.Available + h.Amount }

// Budget is the most the turn may cost: its hold and what was free beside it.
func (h Hold) Budget() Credits { return h.Amount + max(h.Account.Available, 0) }

// Window is the usage of an account in the current minute, as admission met it.
type Window struct {
	Org, Key int
	Ends     time.Duration // from now
}

// Refusal tells why an account does not admit another turn, given the account
// and the minute's usage that the gate saw: RateLimited, or
// InsufficientCredits. It returns nil when none of the limits is met.
func Refusal(a Account, w Window) error {
	switch {
	case w.Org >= a.Limits.RatePerMinute:
		return rateLimited(w, "The organisation's limit of %d requests per minute is reached", a.Limits.RatePerMinute)
	case w.Key >= a.Limits.KeyRatePerMinute:
		return rateLimited(w, "The key's limit of %d requests per minute is reached", a.Limits.KeyRatePerMinute)
	case len(a.Open) >= a.Limits.MaxConcurrentTurns:
		w.Ends = time.Second
		return rateLimited(w, "The organisation's limit of %d turns at a time is reached", a.Limits.MaxConcurrentTurns)
	case a.Available < a.Hold:
		return NoCredits(a.Available, fmt.Sprintf("No credits available: %s left, a turn holds %s", a.Available, a.Hold))
	}
	return nil
}

// NoCredits returns an InsufficientCredits error that tells what is available.
func NoCredits(available Credits, message string) error {
	return &fault.Error{Code: fault.InsufficientCredits, Message: message, Details: fault.Details{Balance: available.String()}}
}

func rateLimited(w Window, format string, limit int) error {
	return &fault.Error{Code: fault.RateLimited, Message: fmt.Sprintf(format, limit), RetryAfter: w.Ends}
}
