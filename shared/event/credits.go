package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// bounds are the balances below which an event is sent, as multiples of one turn's hold,
// the highest first. No turn is admitted below the bound of credits.exhausted.
var bounds = []struct {
	holds ledger.Credits
	kind  Type
	what  string
}{{10, CreditsLow, "low"}, {1, CreditsExhausted, "exhausted"}}

// below returns the number of bounds that are above a balance.
func below(balance, hold ledger.Credits) int {
	n := 0
	for n < len(bounds) && balance < bounds[n].holds*hold {
		n++
	}
	return n
}

// ofCredits returns an event for each bound that a change crosses on the way down.
// Holds of open turns count as the org's balance, so a hold crosses no bound. A part
// of a sharded account does not show the org's balance: see Standing.
func ofCredits(before, after ledger.Account, record string, at time.Time) Happening {
	if !after.Metered || after.Shards > 1 {
		return Happening{}
	}
	credits := Credits{Balance: after.Balance().Number(), Available: after.Available.Number()}
	from, to := below(before.Balance(), before.Hold), below(after.Balance(), after.Hold)
	return fall(after.OrgID, credits, from, to, at, func(what string) string { return eventID(record, what) })
}

// fall returns the events of an org that is now below more bounds than before.
func fall(orgID string, owns Credits, from, to int, at time.Time, id func(what string) string) Happening {
	h := Happening{OrgID: orgID, At: at}
	for n := from; n < to; n++ {
		h.Events = append(h.Events, Event{
			ID: id(bounds[n].what), Type: bounds[n].kind, At: at, Data: Data{OrgID: orgID, Credits: &owns},
		})
	}
	return h
}
