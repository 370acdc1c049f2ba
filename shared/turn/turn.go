// Package turn is the engine behind every chat: authenticate, admit, answer,
// settle. Whoever calls has authenticated; Run does the rest.
package turn

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
)

// What one turn may say, in bytes. A turn is stored as one item, and an item
// holds 400 KB.
const (
	MaxText   = 128 << 10 // of the user
	maxAnswer = 192 << 10
)

// Input is what a caller asks.
type Input struct {
	Caller   account.Caller
	ThreadID string
	Text     string // the user's message
	Channel  string // the surface it came by

	// Whole asks the model for its answer in one piece. The sink then hears
	// of tools and, once, of the whole text.
	Whole bool
}

// Turn is one exchange: what the user said, what the agent answered, what it
// cost. A settled turn is also its ledger entry.
type Turn struct {
	ID        string // UUIDv7, made at admission
	OrgID     string
	ThreadID  string
	AgentID   string
	VersionID string
	KeyID     string
	Channel   string
	Model     string

	Number    int64 // its place in the thread: 1, 2, 3, ... in the order of settlement
	StartedAt time.Time
	SettledAt time.Time

	User      string
	Assistant string
	Tools     []ToolUse

	Usage       model.Usage
	Estimated   bool // the provider did not report its usage
	Charge      ledger.Credits
	Interrupted bool // the answer broke off
}

// ToolUse is a tool call with its result.
type ToolUse struct {
	ID     string
	Name   string
	Input  json.RawMessage
	Result string
	Failed bool
}

// Messages returns the turn's two messages, the user's first.
func (t Turn) Messages() [2]thread.Message {
	message := func(role model.Role, content string, at time.Time) thread.Message {
		return thread.Message{ID: thread.MessageID(t.Number, role, t.ID), ThreadID: t.ThreadID, Role: role, Content: content, CreatedAt: at}
	}
	return [2]thread.Message{
		message(model.User, t.User, t.StartedAt),
		message(model.Assistant, t.Assistant, t.SettledAt),
	}
}

// NewID mints a turn's id. It carries its time, so that whoever finds an open
// turn can tell how old it is (see StartedAt).
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// StartedAt returns the time that an id made by NewID carries, and the zero
// time for anything else.
func StartedAt(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return time.Time{}
	}
	return time.Unix(u.Time().UnixTime()).UTC()
}

// Conversation is a thread with its latest turns, oldest first.
type Conversation struct {
	Thread thread.Thread
	Turns  []Turn
}

// Last returns the number of the latest turn, 0 when there is none.
func (c Conversation) Last() int64 {
	if len(c.Turns) == 0 {
		return 0
	}
	return c.Turns[len(c.Turns)-1].Number
}

// Store keeps threads, turns and accounts.
type Store interface {
	agent.Reader

	// Conversation returns a thread and its last turns. An unknown or deleted
	// thread is NotFound.
	Conversation(ctx context.Context, orgID, threadID string, turns int) (Conversation, error)

	// Admit opens a turn on the org's account in one atomic write: it holds
	// credits and counts the request, or refuses (see ledger.Refusal) and
	// changes nothing.
	Admit(ctx context.Context, a Admission) (ledger.Hold, error)

	// Settle closes an open turn in one transaction: it releases the hold,
	// makes the charge, counts it for the agent's day and the org's month and
	// appends the turn to its thread. The charge is cut to what the account
	// can bear. Settling the same turn again returns the first outcome; a
	// turn whose hold was released is a Conflict.
	Settle(ctx context.Context, hold ledger.Hold, t Turn) (Turn, error)

	// Release closes an open turn with nothing charged and nothing appended.
	// Releasing it again, or after it settled, does nothing.
	Release(ctx context.Context, hold ledger.Hold) error
}

// Admission asks for a place on the org's account.
type Admission struct {
	OrgID  string
	KeyID  string
	TurnID string
	At     time.Time
}

// Sink hears what happens in a turn. Its methods are called one at a time. A
// client that went away is no reason to stop, so they return no error.
type Sink interface {
	Start(at time.Time) // first of all: the turn is admitted and will be answered
	Delta(text string)
	ToolCall(call model.ToolCall)
	ToolRunning(call model.ToolCall)
	ToolDone(use ToolUse)
	Beat() // nothing has happened for a while
}

// Toolbox is what an agent's model may call.
type Toolbox interface {
	Tools(ctx context.Context, live agent.Live) ([]model.Tool, error)
	// Call returns the tool's result as text; an error's text goes to the model.
	Call(ctx context.Context, live agent.Live, call model.ToolCall) (string, error)
}
