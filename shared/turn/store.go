package turn

import (
	"context"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
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
	Looks
}

// ErrReleased is the error of a turn that was open for longer than a hold lasts: the sweep
// has released it.
var ErrReleased = fault.New(fault.Conflict, "The turn had run out of time and was released")

// Threads keeps threads and their turns.
type Threads interface {
	// Conversation returns a thread and its last turns. An unknown or deleted
	// thread is NotFound.
	Conversation(ctx context.Context, orgID, threadID string, turns int) (Conversation, error)

	// Thread returns a thread. An unknown or deleted one is NotFound.
	Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error)

	// TurnsUpTo returns the latest turns of a thread at or before the given place,
	// limit at most, oldest first. Turns of an earlier, deleted thread are left out.
	TurnsUpTo(ctx context.Context, t thread.Thread, place int64, limit int) ([]Turn, error)

	// ClaimThread reserves a new thread for an agent, until the turn settles or
	// AbandonThread releases the claim. Turns of one agent share the claim. The error is
	// ErrOtherAgent for a thread that another agent owns or has claimed.
	ClaimThread(ctx context.Context, c ThreadClaim) error

	// AbandonThread releases a turn's claim on a thread.
	AbandonThread(ctx context.Context, c ThreadClaim) error

	// HasConnection reports whether an org has a connection, whose id is the middle part of the
	// ids of its threads.
	HasConnection(ctx context.Context, orgID, id string) (bool, error)
}

// Accounts keeps orgs' accounts and the holds of their turns.
type Accounts interface {
	// Admit opens a turn on the org's account in one atomic write: it holds
	// credits and counts the request, or refuses (see ledger.Refusal) and
	// changes nothing.
	Admit(ctx context.Context, a Admission) (ledger.Hold, error)

	// Extend adds to the hold of an open turn in one atomic write, and returns the
	// extended hold. It adds want, or all available credits if they are less. If less
	// than need is available, the error is InsufficientCredits and nothing changes.
	Extend(ctx context.Context, hold ledger.Hold, need, want ledger.Credits) (ledger.Hold, error)

	// Settle closes an open turn in one transaction: it releases the hold, charges the
	// turn, counts it for the agent's day and the org's month, and appends it to its
	// thread. The charge is capped at the credits of the account. If other turns settle
	// first, Settle increases the turn's place. Settling the same turn again, with the
	// same Settlement, returns the first outcome. The error is a Conflict if the hold was
	// released or the claim was lost, and Internal if the turn cannot be stored. Any
	// error that is not a *fault.Error may be temporary.
	Settle(ctx context.Context, s *Settlement) (Turn, error)

	// Release closes an open turn without a charge. It is a no-op for a closed turn.
	Release(ctx context.Context, hold ledger.Hold) error

	// Account returns the org's current account.
	Account(ctx context.Context, orgID string) (ledger.Account, error)
}

// Claims keeps idempotency keys of turns.
type Claims interface {
	// Claim claims an idempotency key for a turn. It returns the completed turn of the
	// key, if there is one. The error may be idempotency.ErrRunning or ErrMismatch. A
	// claim expires at Until unless it is renewed.
	Claim(ctx context.Context, c Claim) (*Kept, error)

	// Renew extends a claim to Until. It reports false if the turn has lost it.
	Renew(ctx context.Context, c Claim) (bool, error)

	// Unclaim releases the key of a turn that had no effect.
	Unclaim(ctx context.Context, c Claim) error

	// Report stores the available balance that a key's client receives, unless one is
	// stored already, and returns the stored one.
	Report(ctx context.Context, key idempotency.Key, available ledger.Credits) (ledger.Credits, error)
}

// Admission is a request to open a turn on the org's account.
type Admission struct {
	OrgID  string
	KeyID  string
	TurnID string
	Kind   ledger.Kind
	At     time.Time

	// Counted is set for a request that was counted in the rates when it was accepted.
	Counted bool

	// Balance also reads the other parts of a sharded account (see
	// ledger.Hold.Elsewhere).
	Balance bool
}

// Settlement is the input of Accounts.Settle.
type Settlement struct {
	Hold   ledger.Hold
	Turn   Turn
	Thread ThreadChange
	Claim  *Claim // nil: no idempotency key
	Record Record // stored with the claim, for replays

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

// ThreadChange has a turn's changes to its thread, except for the messages.
type ThreadChange struct {
	Start   bool            // the turn starts it
	Title   string          // for a thread without turns; empty when it has some
	Visitor json.RawMessage // replaces the stored visitor; empty keeps it
}

// Claim is a turn's claim on an idempotency key.
type Claim struct {
	Key    idempotency.Key
	TurnID string
	At     time.Time
	Until  time.Time

	// Kept is how long the key is kept after At. 0 means idempotency.Life.
	Kept time.Duration

	// Background keeps the key until the store has the outcome of the work that the turn
	// belongs to, instead of for a time.
	Background bool
}

// Record has the facts that a replay needs in addition to the turn.
type Record struct {
	Base    int64          // place of the thread's last turn at admission
	Before  ledger.Credits // available at admission
	Hold    ledger.Credits
	Steps   []byte // see steps.go
	Failure *Failure
}

// Failure is the error that interrupted an answer.
type Failure struct {
	Code    string // a fault.Code
	Message string
}

// Kept is the completed turn of an idempotency key.
type Kept struct {
	TurnID   string
	ThreadID string
	Place    int64
	Record
}
