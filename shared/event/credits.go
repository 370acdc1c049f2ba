package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// bounds are what an org can come to own less of, in turns' holds, the highest
// first: its credits are low, then exhausted, with which no turn can begin.
var bounds = []struct {
	holds ledger.Credits
	kind  Type
	what  string
}{{10, CreditsLow, "low"}, {1, CreditsExhausted, "exhausted"}}

// below returns how many of the bounds a balance is below.
func below(balance, hold ledger.Credits) int {
	n := 0
	for n < len(bounds) && balance < bounds[n].holds*hold {
		n++
	}
	return n
}

// ofCredits tells when an org has come below bounds. What turns under way hold is
// still the org's, so that a hold is no loss, and each bound is crossed once on
// the way down. Of an account in parts, no part tells what the org owns: see
// Standing.
func ofCredits(before, after ledger.Account, record string, at time.Time) Happening {
	if !after.Metered || after.Shards > 1 {
		return Happening{}
	}
	credits := Credits{Balance: after.Balance().Number(), Available: after.Available.Number()}
	from, to := below(before.Balance(), before.Hold), below(after.Balance(), after.Hold)
	return fall(after.OrgID, credits, from, to, at, func(what string) string { return eventID(record, what) })
}

// fall tells that an org has come below more bounds than it was.
func fall(orgID string, owns Credits, from, to int, at time.Time, id func(what string) string) Happening {
	h := Happening{OrgID: orgID, At: at}
	for n := from; n < to; n++ {
		h.Events = append(h.Events, Event{
			ID: id(bounds[n].what), Type: bounds[n].kind, At: at, Data: Data{OrgID: orgID, Credits: &owns},
		})
	}
	return h
}
