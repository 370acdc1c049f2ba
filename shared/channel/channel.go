// Package channel holds the terms that messaging channels have in common: what their webhooks
// report, and what is sent to people over them.
//
// A webhook reports Updates; the most frequent one is an Inbound message of a Person. A Provider
// makes the requests to the provider of a channel: it sends an Outgoing message and returns a
// Receipt. SendError is the one error of a send. Its Kind says what to do: wait, stop the
// connection, or record that the outcome is unknown.
//
// An Outbox sends templates for an API. A Template is a message that Meta has approved, with the
// values for its placeholders; Definition is the approved text. Text writes both as the message
// that the person reads, so that a thread has the context of a reply.
//
// The package makes no requests itself. Its subpackages meta, twilio, mail and ses know the
// formats of the providers; markdown, phone and split have the rules of texts and numbers.
// Conversations, and the work on them, are in package inbox.
package channel

import (
	"context"
	"encoding/json"
)

// Sender is the business number that messages are sent from.
type Sender struct {
	PhoneNumberID string // Meta's id of the number, decimal digits
	Token         string // the access token; never logged and never in an error
}

// Message is a template on its way to one person.
type Message struct {
	To       string // phone number with country code, decimal digits only
	Template Template

	// Ref is our own id of the send, at most MaxRef bytes. Meta repeats it in each status
	// of the message, so a send whose response was lost is settled by its first status.
	Ref string
}

// MaxRef is the longest Ref that Meta repeats, in bytes.
const MaxRef = 512

// Receipt is what Meta answered to a message that it accepted.
type Receipt struct {
	Body      json.RawMessage // the whole answer, unchanged
	MessageID string          // the id that statuses of the message carry
	ContactID string          // the person's WhatsApp id, which need not equal Message.To; empty: Meta hides it
	UserID    string          // the person's business-scoped user id; empty: Meta names none

	// Held reports that Meta has accepted the message and not sent it yet, for a check of
	// the template's quality. It may still fail.
	Held bool
}

// TemplateSender sends and describes template messages.
type TemplateSender interface {
	// SendTemplate sends one message, once: it does not retry. The error is a *SendError.
	SendTemplate(ctx context.Context, from Sender, m Message) (Receipt, error)

	// Describe returns a template as the person reads it, or a plain description.
	Describe(ctx context.Context, from Sender, t Template) string
}
