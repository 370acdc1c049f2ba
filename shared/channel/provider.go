package channel

import (
	"context"

	"github.com/quintet-agents/quintet/shared/connection"
)

// Account is a connection with its opened secrets, for requests to its provider.
type Account struct {
	connection.Connection

	Secrets connection.Secrets
}

// Outgoing is one message to one person. Exactly one of Text and Template is set.
type Outgoing struct {
	To       Person
	Text     string               // at most one message of the channel (see Provider.Split)
	Template *connection.Template // an approved template, sent where free text is not allowed

	// Ref is our own id of the send, at most MaxRef bytes. Providers that can repeat it in
	// each status do so: a send whose response was lost is settled by its first status.
	Ref     string
	Human   bool      // a person of the business wrote it
	Late    bool      // the person's last message is over 24 hours old
	ReplyTo string    // the provider's id of the message that is answered; may be empty
	Mail    *MailHead // set for email only
}

// MailHead is the head of an outgoing mail.
type MailHead struct {
	Subject    string
	InReplyTo  string   // a message id, without angle brackets
	References []string // oldest first
	Token      string   // for the plus part of Reply-To: an answer to it finds the thread
}

// Provider makes requests to the provider of a channel. It makes each request once; an error
// of Send or Fetch is a *SendError, whose Kind says whether a repetition is safe.
type Provider interface {
	// Split cuts an answer into as few messages of the channel as possible.
	Split(text string) []string

	// Send sends one message.
	Send(ctx context.Context, a Account, m Outgoing) (Receipt, error)

	// Typing marks a person's message as read and shows that an answer is being written,
	// where the channel can do so.
	Typing(ctx context.Context, a Account, m Inbound) error

	// Fetch returns a file of at most limit bytes, and its content type.
	Fetch(ctx context.Context, a Account, m Media, limit int64) (data []byte, contentType string, err error)

	// Verify asks the provider whether the account can receive at the URL and send. It
	// returns what is wrong, or nothing. An error means that the provider gave no answer.
	Verify(ctx context.Context, a Account, webhookURL string) ([]connection.Problem, error)
}
