package inbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Reply is a message of a thread on its way to a contact, in one or more parts.
type Reply struct {
	Ref
	ID        string // of the thread's message
	ThreadID  string
	ReplyTo   string // the provider's id of the message that it answers; may be empty
	Mail      *channel.MailHead
	Human     bool // a person of the business wrote it
	Unsplit   bool // its text is not cut into messages of the channel yet, like that of a Human
	Parts     []Part
	CreatedAt time.Time
}

// Part is one message of the channel.
type Part struct {
	Text     string               // empty once the reply is complete
	Template *connection.Template // sent in place of a text outside the window

	State     channel.State // empty: it has not left
	Attempt   string        // tells the attempt that sends it from an earlier one
	MessageID string        // the provider's
	At        time.Time     // of the latest state
	Price     channel.Price
	Code      int    // the provider's, if it failed
	Reason    string // in words, if it failed
}

// Open reports whether the part waits to be sent.
func (p Part) Open() bool { return p.State == "" }

// next returns the number of the first open part, or false if there is none.
func (r Reply) next() (int, bool) {
	for i, p := range r.Parts {
		if p.Open() {
			return i, true
		}
	}
	return 0, false
}

// ended reports whether no part is open or on its way.
func (r Reply) ended() bool {
	for _, p := range r.Parts {
		if p.Open() || p.State == channel.Sending {
			return false
		}
	}
	return true
}

// arrived reports whether a part has reached the person.
func (r Reply) arrived() bool {
	return slices.ContainsFunc(r.Parts, func(p Part) bool { return p.State.After(channel.Failed) })
}

// HasTemplate reports whether a part is a template.
func (r Reply) HasTemplate() bool {
	return slices.ContainsFunc(r.Parts, func(p Part) bool { return p.Template != nil })
}

// WantsTemplate reports whether a template should follow a part of the reply that has failed for
// a reason: the window was closed, and nothing of the reply has reached the person.
func (r Reply) WantsTemplate(why channel.Kind) bool {
	return why == channel.WindowClosed && !r.HasTemplate() && !r.arrived()
}

// LateTemplate is the name, in the outbox of a chat, of the template that is to follow a reply.
// It is not the reply's own name, so that a worker that ends the reply at the same moment does
// not take it out.
func LateTemplate(replyID string) string { return replyID + lateTemplate }

const lateTemplate = "+template"

// untouched reports whether no part has left.
func (r Reply) untouched() bool {
	n, ok := r.next()
	return ok && n == 0
}

// PartRef is our id of a part's send, which providers repeat in statuses. The channel and the
// connection of the webhook that reports it complete it.
type PartRef struct {
	ChatID  string
	ReplyID string
	Part    int
}

// String returns the text that the provider gets.
func (p PartRef) String() string { return p.ChatID + "/" + p.ReplyID + "/" + strconv.Itoa(p.Part) }

// ParsePartRef reads a text of String.
func ParsePartRef(text string) (PartRef, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return PartRef{}, false
	}
	n, err := strconv.ParseUint(parts[2], 10, 8)
	return PartRef{parts[0], parts[1], int(n)}, err == nil
}
