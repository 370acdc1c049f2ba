package turn

import (
	"context"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Store keeps threads, turns and accounts.
type Store interface {
	agent.Reader
	Threads
	Accounts
	Claims
}

// Threads keeps threads and their turns.
type Threads interface {
	// Conversation returns a thread and its last turns. An unknown or deleted
	// thread is NotFound.
	Conversation(ctx context.Context, orgID, threadID string, turns int) (Conversation, error)

	// Thread returns a thread. An unknown or deleted one is NotFound.
	Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error)

	// TurnsUpTo returns up to limit turns of a thread at the given place or
	// before it: the latest of them, in order, without those that the thread does
	// not show.
	TurnsUpTo(ctx context.Context, t thread.Thread, place int64, limit int) ([]Turn, error)

	// ClaimThread reserves a thread that does not exist yet for an agent, until
	// the turn settles or AbandonThread ends the claim. Turns of one agent share
	// the claim. A thread that another agent owns or has claimed is ErrOtherAgent.
	ClaimThread(ctx context.Context, c ThreadClaim) error

	// AbandonThread ends a turn's claim on a thread.
	AbandonThread(ctx context.Context, c ThreadClaim) error
}

// Accounts keeps what orgs own and what their turns hold of it.
type Accounts interface {
	// Admit opens a turn on the org's account in one atomic write: it holds
	// credits and counts the request, or refuses (see ledger.Refusal) and
	// changes nothing.
	Admit(ctx context.Context, a Admission) (ledger.Hold, error)

	// Extend adds to the hold of an open turn in one atomic write, and returns the
	// extended hold. It adds want, or all that is available if that is less, but
	// at least need. Where less than need is available, the error is
	// InsufficientCredits and nothing is changed.
	Extend(ctx context.Context, hold ledger.Hold, need, want ledger.Credits) (ledger.Hold, error)

	// Settle closes an open turn in one transaction: it releases the hold,
	// makes the charge, counts it for the agent's day and the org's month and
	// appends the turn to its thread. The charge is cut to what the account can
	// pay. The turn's place is moved on when others settle first. Settling the
	// same turn again, with the same Settlement, returns the first outcome. A turn
	// whose hold was released, or that has lost an Untold claim, is a Conflict; one that cannot be stored is Internal. Any error that is no
	// *fault.Error may be temporary.
	Settle(ctx context.Context, s *Settlement) (Turn, error)

	// Release closes an open turn with nothing charged and nothing appended.
	// Releasing it again, or after it settled, does nothing.
	Release(ctx context.Context, hold ledger.Hold) error

	// Account returns the org's account as it stands.
	Account(ctx context.Context, orgID string) (ledger.Account, error)
}

// Claims keeps idempotency keys of turns.
type Claims interface {
	// Claim takes an idempotency key for a turn. It returns the turn that the
	// key has made already, if there is one, and an error that is
	// idempotency.ErrRunning or ErrMismatch. A claim that was neither settled,
	// renewed nor given back by Until is free again.
	Claim(ctx context.Context, c Claim) (*Kept, error)

	// Renew moves the end of a claim to Until, and reports whether the turn
	// still has it.
	Renew(ctx context.Context, c Claim) (bool, error)

	// Unclaim gives a key back whose turn had no effect.
	Unclaim(ctx context.Context, c Claim) error

	// Report keeps what a turn's client is told to be available under its key
	// and returns what the first one was told.
	Report(ctx context.Context, key idempotency.Key, available ledger.Credits) (ledger.Credits, error)
}

// Admission asks for a place on the org's account.
type Admission struct {
	OrgID  string
	KeyID  string
	TurnID string
	Kind   ledger.Kind
	At     time.Time

	// Counted is set for a request that was counted in the rates when it was accepted.
	Counted bool

	// Balance asks for what is available on the whole account, though it is kept in
	// parts (see ledger.Hold.Elsewhere).
	Balance bool
}

// Settlement is all that closing a turn writes.
type Settlement struct {
	Hold   ledger.Hold
	Turn   Turn
	Thread ThreadChange
	Claim  *Claim // nil: the turn has no key
	Record Record // of the turn, for the claim

	// Uncertain belongs to the store: an attempt at the turn's place has succeeded,
	// or may still succeed, because its response was lost.
	Uncertain bool
}

// ThreadClaim reserves a thread for the agent of a turn.
type ThreadClaim struct {
	OrgID, ThreadID string
	AgentID         string
	TurnID          string
	At              time.Time
}

// ThreadChange is what a turn changes of its thread beside adding to it.
type ThreadChange struct {
	Start   bool            // the turn starts it
	Title   string          // for a thread without turns; empty when it has some
	Visitor json.RawMessage // replaces what is kept of the visitor; empty leaves it
}

// Claim is a turn's hold on an idempotency key.
type Claim struct {
	Key    idempotency.Key
	TurnID string
	At     time.Time
	Until  time.Time
}

// Record is what a replay needs to know of a turn beside the turn itself.
type Record struct {
	Base    int64          // the place of the thread's last turn when this one began
	Before  ledger.Credits // what was available when the gate ran
	Hold    ledger.Credits
	Steps   []byte // see steps.go
	Failure *Failure
}

// Failure is why an answer broke off.
type Failure struct {
	Code    string // a fault.Code
	Message string
}

// Kept is a turn that its key has made.
type Kept struct {
	TurnID   string
	ThreadID string
	Place    int64
	Record
}
