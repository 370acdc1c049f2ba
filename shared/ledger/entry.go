package ledger

import "time"

// EntryKind is the kind of a ledger entry.
type EntryKind string

// The kinds of entries. A charge is a settled turn; the others are an
// operator's, with a reason.
const (
	Charge     EntryKind = "charge"
	TopUp      EntryKind = "topup"
	Adjustment EntryKind = "adjustment"
)

// The largest amount of one entry, and the largest balance of an account.
const (
	MaxAmount  = 1_000_000_000 * Credit
	MaxBalance = 1_000_000_000_000 * Credit
)

// Entry is one immutable line of an org's ledger. A correction is a new entry. The
// entries of an org add up to its balance.
type Entry struct {
	ID     string // for a charge, the id of the turn
	OrgID  string
	Kind   EntryKind
	Amount Credits // the change of the balance; negative for a charge
	Reason string  // for top-ups and adjustments
	At     time.Time

	// Set for charges only.
	AgentID, ThreadID, KeyID, Channel, Model string
	Input, Output                            int // tokens
	Estimated                                bool
}
