package channel

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// State is how far a send has come.
type State string

// The states, in the order in which a message passes through them. Statuses arrive in any
// order and some never do: a later state replaces an earlier one (see After). A send that is
// Sending for longer than SendTime was cut off, so it is Lost.
const (
	Sending   State = "sending"   // it is stored, and may be on its way
	Lost      State = "unknown"   // its response was lost: it may have been sent
	Sent      State = "sent"      // the provider has accepted it
	Failed    State = "failed"    // it was refused, or accepted and not delivered
	Delivered State = "delivered" // it is on the person's device
	Read      State = "read"
	Played    State = "played" // a voice message was listened to
)

var ranks = map[State]int{Sending: 1, Lost: 2, Sent: 3, Failed: 4, Delivered: 5, Read: 6, Played: 7}

// After reports whether a message in the state before, which now is reported in state s, has
// reached s. A late report of an earlier state changes nothing, and a failure replaces no
// delivery.
func (s State) After(before State) bool { return ranks[s] > ranks[before] }

// SendTime is longer than any function sends.
const SendTime = time.Minute

// Send is the record of one send. It is stored before the request leaves, so that a process
// that dies between the request and its response leaves a trace: such a send is never
// repeated, because the person might get it twice.
type Send struct {
	OrgID        string
	ID           string // also the Ref of the message; that of a request's idempotency key, or a UUIDv7
	Attempt      string // tells the request that stored the record from others with its key
	ConnectionID string
	Digest       string // of the request's body; empty without an idempotency key
	State        State
	At           time.Time
	Answer       []byte // the provider's, once it is Sent

	// These let the template join the thread of its recipient, also after its process has died.
	AgentID  string
	To       string // the number that it is sent to
	Name     string // of the person, for a new contact; may be empty
	Template string // its name
	Text     string // the template as the recipient reads it, or a plain description

	Automation string        // id of the automation that sends it; empty: none
	Kept       time.Duration // how long the record is kept; 0: Life
}

// Life is how long the record of a send is kept: as long as an idempotency key.
const Life = idempotency.Life

// Sends keeps the records of sends.
type Sends interface {
	// Send returns the record of a send, or nil if there is none.
	Send(ctx context.Context, orgID, id string) (*Send, error)

	// BeginSend stores the record of a send that is about to be made. If there is one of the
	// id, it returns that and stores nothing.
	BeginSend(ctx context.Context, s Send) (*Send, error)

	// FinishSend stores the state and the answer of a send that BeginSend has stored.
	FinishSend(ctx context.Context, s Send) error

	// DropSend removes the record of a send that was not made.
	DropSend(ctx context.Context, s Send) error
}

// Threads knows the recipients of templates, and adds templates to their threads.
type Threads interface {
	// OptedOut reports whether the person with a number wants no messages over a connection.
	OptedOut(ctx context.Context, orgID, connectionID, to string) (bool, error)

	// Join stores the outcome of a send that is Sent or Lost, and adds the template to the
	// thread, in one transaction. The receipt of a lost send is empty. A send that has joined
	// its thread before is left alone.
	Join(ctx context.Context, s Send, r Receipt) error
}

// Connections reads connections and reports their problems.
type Connections interface {
	// Connections returns the org's connections after the given id, oldest first.
	Connections(ctx context.Context, orgID, after string, limit int) ([]connection.Connection, error)

	// Credentials returns the sealed secrets of a connection.
	Credentials(ctx context.Context, orgID, id string) (connection.Sealed, error)

	// ReportProblem marks a connection as needing attention, unless its credentials have
	// another version by now.
	ReportProblem(ctx context.Context, orgID, id string, credentials int, p connection.Problem) error

	// SolveProblem removes a problem with the given code.
	SolveProblem(ctx context.Context, orgID, id, code string) error
}

// Opener opens the secrets of connections.
type Opener interface {
	OpenCredential(ctx context.Context, o connection.Owner, name string, sealed []byte) (string, error)
}
