package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// lowHolds is how many turns' holds an org owns at least before its credits are
// low.
const lowHolds = 10

// ofCredits tells when an org has come to own less than lowHolds holds, and less
// than one, with which no turn can begin. What turns under way hold is still the
// org's, so that a hold is no loss, and each bound is crossed once on the way
// down. Of an account in parts, no part tells what the org owns.
func ofCredits(before, after ledger.Account, record string, at time.Time) Happening {
	h := Happening{OrgID: after.OrgID, At: at}
	if !after.Metered || after.Shards > 1 {
		return h
	}
	for _, bound := range []struct {
		holds ledger.Credits
		kind  Type
		what  string
	}{{lowHolds, CreditsLow, "low"}, {1, CreditsExhausted, "exhausted"}} {
		if before.Balance() < bound.holds*before.Hold || after.Balance() >= bound.holds*after.Hold {
			continue
		}
		h.Events = append(h.Events, Event{ID: eventID(record, bound.what), Type: bound.kind, At: at, Data: Data{
			OrgID: after.OrgID, Credits: &Credits{Balance: after.Balance().Number(), Available: after.Available.Number()},
		}})
	}
	return h
}
