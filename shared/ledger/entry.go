package ledger

import "time"

// EntryKind says what moved credits.
type EntryKind string

// The kinds of entries. A charge is a settled turn; the others are an
// operator's, with a reason.
const (
	Charge     EntryKind = "charge"
	TopUp      EntryKind = "topup"
	Adjustment EntryKind = "adjustment"
)

// The most that one entry may move, and that an account may own.
const (
	MaxAmount  = 1_000_000_000 * Credit
	MaxBalance = 1_000_000_000_000 * Credit
)

// Entry is one line of an org's ledger. It never changes: what was wrong is put
// right by another entry. The entries of an org add up to its balance.
type Entry struct {
	ID     string // of a charge, the turn's
	OrgID  string
	Kind   EntryKind
	Amount Credits // what it adds to the balance; negative for a charge
	Reason string  // of a top-up or adjustment
	At     time.Time

	// Of a charge.
	AgentID, ThreadID, KeyID, Channel, Model string
	Input, Output                            int // tokens
	Estimated                                bool
}
