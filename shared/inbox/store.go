package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Connections reads connections and keeps their problems.
type Connections interface {
	Connection(ctx context.Context, orgID, id string) (connection.Connection, error)
	Connections(ctx context.Context, orgID, after string, limit int) ([]connection.Connection, error)
	Credentials(ctx context.Context, orgID, id string) (connection.Sealed, error)

	// ReportProblem is documented with channel.Connections.
	ReportProblem(ctx context.Context, orgID, id string, credentials int, p connection.Problem) error

	// KeepVerification records a verification, unless the credentials have another version by
	// now.
	KeepVerification(ctx context.Context, orgID, id string, credentials int, v connection.Verification) error

	// SolveProblem removes a problem with the given code.
	SolveProblem(ctx context.Context, orgID, id, code string) error
}

// Intake stores what webhooks report.
type Intake interface {
	// Receive stores an update that is to be filed. If the update was received before, it
	// reports false and changes nothing.
	Receive(ctx context.Context, r Received) (fresh bool, err error)

	// SettleStatus applies a status of a connection to the part that it names. If a template
	// should follow (see Reply.WantsTemplate), the same transaction adds it to the chat's outbox.
	SettleStatus(ctx context.Context, of Ref, s channel.Status) (Settled, error)
}

// Settled is the outcome of a status.
type Settled struct {
	Found bool // there is such a part
	Chat  *Ref // the chat that has work now; nil: none
}

// Files keeps contacts and chats.
type Files interface {
	// Received returns an update that is not filed yet, or nil.
	Received(ctx context.Context, r Ref) (*Received, error)

	// File files a received update in one transaction. decide gets what the store has about
	// the names that the update contains, and may be called again if that changes. An update
	// that is filed already is left alone.
	File(ctx context.Context, r Received, names Names, decide func(Found) (Filing, error)) error

	// Correct files an update that replaces the text of a message, which another update has
	// reported; the person did so at a time. It changes nothing unless the result is
	// MessageCorrected.
	Correct(ctx context.Context, r Received, message, text string, at time.Time) (Corrected, error)

	// Contact returns a contact, or the one that it was merged into, or ErrNoContact.
	Contact(ctx context.Context, orgID, id string) (Contact, error)

	// UpdateContact changes a contact and returns it.
	UpdateContact(ctx context.Context, once *idempotency.Change, orgID, id string, p ContactPatch) (Contact, error)
}

// Corrected is the outcome of a correction.
type Corrected string

// The outcomes of a correction. A message is busy while it is not filed, or while a worker
// handles it: then its text must not change.
const (
	MessageCorrected Corrected = "corrected"
	MessageUnknown   Corrected = "unknown" // it was not received, or not yet
	MessageBusy      Corrected = "busy"
)

// Names are the names in an update by which its contact and chat are found.
type Names struct {
	Aliases []string // of the person, the surest first
	Parents []string // the provider's ids of earlier messages, for mail: the surest first
	ChatID  string   // a chat named by a token, for mail
}

// Found is what the store has about the names of an update.
type Found struct {
	Contact *Contact // nil: the person is new
	Alias   string   // by which the contact was found
	Others  []Owner  // of other names of the update
	Chat    *Chat    // of the contact, or the one that the parents name; nil: there is none
}

// Filing is what filing an update changes; nil fields change nothing.
type Filing struct {
	Contact *Contact
	Ownership
	Chat    *Chat    // with QuietUntil
	Message *Pending // to append to the chat
}

// Chats keeps the work on chats.
type Chats interface {
	// ClaimChat takes a lease on a chat until a time. It returns nil if there is nothing to
	// do yet, or if another worker has the lease.
	ClaimChat(ctx context.Context, r Ref, lease string, now, until time.Time) (*Chat, error)

	// KeepChat extends the lease and returns the chat as it is now; nil if the lease is lost.
	KeepChat(ctx context.Context, c Chat, until time.Time) (*Chat, error)

	// RestChat releases the lease. The next worker may claim the chat at the given time, or
	// after the next message if the time is zero. While work is left, it refuses the zero time:
	// it reports false and changes nothing.
	RestChat(ctx context.Context, c Chat, again time.Time) (bool, error)

	// FailChat counts a failure of the current step and releases the lease until a time.
	FailChat(ctx context.Context, c Chat, again time.Time) error

	// Pending returns the first messages that wait in a chat, in order.
	Pending(ctx context.Context, c Chat, limit int) ([]Pending, error)

	// Taken returns the messages of a chat's run, in order.
	Taken(ctx context.Context, c Chat) ([]Pending, error)

	// BeginRun stores the run of a chat. It reports false if the lease is lost.
	BeginRun(ctx context.Context, c Chat, run Run) (bool, error)

	// FinishRun ends a run, or the handling of messages without one, in one transaction. It
	// reports false if the lease is lost; then it changes nothing. The error is ErrSettled if
	// a note was to end a run whose turn has settled. After the end of a run, no attempt at
	// its turn can begin or settle.
	FinishRun(ctx context.Context, c Chat, end Ending) (bool, error)
}

// ErrSettled is the error for a run that a note was to end, and whose turn has settled.
var ErrSettled = errors.New("the turn of the run has settled")

// Ending is what the end of a run changes.
type Ending struct {
	Taken []Pending
	Note  *turn.Turn // stored in the thread; its place is the store's
	Reply *Reply     // nil: nothing is sent; without an id: that of the note
	Turn  *turn.Turn // the settled turn that answered
}

// Replies keeps what is sent.
type Replies interface {
	// Reply returns a reply of a chat, or nil.
	Reply(ctx context.Context, c Chat, id string) (*Reply, error)

	// LatestReplies returns the latest replies of a chat, the newest first.
	LatestReplies(ctx context.Context, c Chat, limit int) ([]Reply, error)

	// BeginPart records that a part leaves now. It reports false if another attempt did so.
	BeginPart(ctx context.Context, r Reply, part int, attempt string, at time.Time) (bool, error)

	// FinishPart records the outcome of a part's attempt. It reports false, and leaves the part
	// as it is, if a status or another attempt was faster.
	FinishPart(ctx context.Context, r Reply, part int, p Part) (bool, error)

	// TakeBackPart makes a part open again that certainly was not sent. It reports false, and
	// leaves the part as it is, if a status or another attempt was faster.
	TakeBackPart(ctx context.Context, r Reply, part int, attempt string) (bool, error)

	// ReplaceParts replaces all parts of a reply that has not left.
	ReplaceParts(ctx context.Context, r Reply, parts []Part) error

	// AddPart adds a part to the end of a reply. It returns an error if the reply has another
	// number of parts by now.
	AddPart(ctx context.Context, r Reply, p Part) error

	// CompleteReply takes a name out of the chat's outbox: that of a reply, or of LateTemplate.
	CompleteReply(ctx context.Context, c Chat, name string) error
}

// Store keeps the inbox.
type Store interface {
	Connections
	Intake
	Files
	Chats
	Replies
	TemplateStore
	channel.Sends
	work.Slots
}
