// Package turn admits, answers and settles one chat turn: the engine behind every
// chat. Callers authenticate first. Engine.Run does the rest, with a Store, which keeps
// threads and accounts, and a model.Provider; a Sink receives the answer while it is
// produced. The package knows no surface and no database.
//
// Admission holds credits; settlement charges them and appends the turn to its thread.
// Each is one atomic write. Output that was produced is charged and kept even if a later
// step fails, and a turn never costs more than it holds (budget.go).
package turn

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Size limits of one turn, in bytes. A turn is stored as one item of at most 400 KB.
const (
	MaxText   = 128 << 10 // of the user's message
	maxAnswer = 192 << 10
)

// Input is a request for one turn.
type Input struct {
	Caller identity.Caller
	Text   string // the user's message

	// Images belong to the message. Only this turn's model sees them: they are not stored,
	// and history has texts alone, so Text should name them. If they cannot be used, Run
	// charges nothing and returns an error with a *model.ImageError; the same input without
	// images may succeed.
	Images []model.Image

	// Agent is the agent's id or slug. It may be empty when ThreadID names a
	// thread that must exist: its agent answers.
	Agent string

	// ThreadID names the conversation. An unknown one is started if Agent is given. If
	// it is empty, Own selects the caller's own thread with the agent, otherwise the turn
	// starts a new thread.
	ThreadID string
	Own      bool

	// History is the earlier conversation that the client sent, for a new thread.
	History []model.Message

	Visitor json.RawMessage // a JSON object kept on the thread; empty keeps the stored one
	Channel string          // the surface of the request

	// Whole asks the model for a non-streamed answer. The sink then receives tool
	// events and one delta with the whole text.
	Whole bool

	// Balance asks for the available balance after the turn.
	Balance bool

	Counted bool // the request was counted in the rates when it was accepted

	Once *idempotency.Key // idempotency key; nil: none

	// OnceFor is set for a turn of the background, which a worker repeats until it has stored
	// the outcome. It is the time that a dead run blocks the key. The key does not expire
	// until the outcome is stored, however late that is.
	OnceFor time.Duration

	// OnceKept is how long the key is kept, if OnceFor is not set. 0 means idempotency.Life.
	OnceKept time.Duration
}

// Outcome is the result of a turn.
type Outcome struct {
	Turn      Turn
	AgentID   string         // the requested agent; beside an error it may be the only field set
	Before    []Turn         // the thread's latest turns before this one, oldest first
	Available ledger.Credits // after the turn, if the input asked for it
	Replayed  bool           // an earlier request with the same key ran this turn
}

// Turn is one exchange: the user's message, the agent's answer and the cost. A settled
// turn is also its ledger entry.
type Turn struct {
	ID        string // UUIDv7, minted at admission
	OrgID     string
	ThreadID  string
	AgentID   string
	VersionID string
	KeyID     string // id of the key, or of the session's user
	Channel   string
	Model     string

	// Place orders the turns of a thread. It is the time of settlement in
	// microseconds since 1970, increased where necessary, so that the places of one
	// thread grow in the order in which its turns become visible.
	Place     int64
	StartedAt time.Time
	SettledAt time.Time

	User      string
	Assistant string
	Tools     []ToolUse

	// Calls are the calls of the model. The store keeps them only for a turn that used tools:
	// without tools there is one call, which has the turn's usage.
	Calls []Call

	Usage       model.Usage
	Estimated   bool // the provider did not report its usage
	Charge      ledger.Credits
	Interrupted bool     // the answer is incomplete
	Cancelled   bool     // because somebody cancelled the turn
	Failure     *Failure // why the answer is incomplete; nil if it is complete
	Starts      bool     // the first turn of its thread

	// Note marks an entry that no model answered, such as a message that a person of the
	// business wrote. It costs nothing and is no ledger entry; one of its texts may be empty.
	Note   bool
	Author Author // of a note's Assistant text

	// Automation is the id of the automation that sent a note's message. It is empty for all
	// other notes, and for turns: see AutomationChannel.
	Automation string

	// Unanswered is why no answer follows a contact's messages, in words. It is empty where
	// none is expected.
	Unanswered string
}

// AutomationChannel is the channel of turns that steps of automations run.
const AutomationChannel = "automation"

// Automatic reports whether a step of an automation caused the turn or the note. Its events start
// no runs of automations, so that none can start itself again.
func (t Turn) Automatic() bool { return t.Channel == AutomationChannel || t.Automation != "" }

// Author is the author of a text that no model answered with. It is empty for the connection's
// own unsupported_text, and for notes that have only messages of a contact.
type Author string

// The authors. KeyID of a note has the person's user or key.
const (
	Person   Author = "person"   // somebody of the business
	Template Author = "template" // a template that was sent
)

// ToolUse is a tool call with its result.
type ToolUse struct {
	ID     string
	Name   string
	Input  json.RawMessage
	Result string
	Failed bool
	After  time.Duration // from the turn's start to the call, in milliseconds where it is stored
	Took   time.Duration
}

// Reason returns why no complete answer follows the user's message, in words. It is empty if one
// does, or if none is expected.
func (t Turn) Reason() string {
	if t.Cancelled {
		return ErrCancelled.Message
	}
	return t.Unanswered
}

// Messages returns the turn's two messages, the user's first. A note may have only one.
func (t Turn) Messages() []thread.Message {
	message := func(role model.Role, content string, at time.Time) thread.Message {
		return thread.Message{ID: thread.MessageID(t.Place, role, t.ID), ThreadID: t.ThreadID, Role: role, Content: content, CreatedAt: at}
	}
	both := []thread.Message{message(model.User, t.User, t.StartedAt), message(model.Assistant, t.Assistant, t.SettledAt)}
	switch {
	case t.Note && t.Assistant == "":
		return both[:1]
	case t.Note && t.User == "":
		return both[1:]
	}
	return both
}

// NewID mints the id of a turn that starts now (see NewIDAt).
func NewID() string { return NewIDAt(time.Now()) }

// NewIDAt mints the id of a turn that starts at the given time. StartedAt reads the time
// from the id, so that the sweeper knows the age of an open turn and the month that
// counted it.
func NewIDAt(at time.Time) string {
	id := uuid.Must(uuid.NewV7())
	ms := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))
	copy(id[:6], ms[2:]) // its 48 bits
	return id.String()
}

// StartedAt returns the time in an id of NewIDAt, and the zero time for any other id.
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

// Last returns the place of the latest turn, 0 when there is none.
func (c Conversation) Last() int64 {
	if len(c.Turns) == 0 {
		return 0
	}
	return c.Turns[len(c.Turns)-1].Place
}
