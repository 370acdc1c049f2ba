// Package mail reads the mail that SendGrid, Mailgun, Postmark and Amazon SES post to a
// webhook. It knows no store and no route, and sends nothing.
//
// A webhook is read in two steps. VerifySendGrid, VerifyMailgun and VerifyPostmark check that
// the provider made the request; mail of Amazon SES arrives through Amazon SNS, which
// shared/channel/sns checks. Then a method of Inbox reads the body. All providers' shapes
// become one letter, and the letter becomes one channel.Update: a message of a person, an
// automatic mail that is only recorded, or the state of a mail that was sent, if the letter
// is a report about it.
//
// No letter is lost silently. If the body of a letter cannot be read, its head still becomes
// a message, which is declined. A method of Inbox returns an error only for a request that is
// not in the provider's format.
package mail

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// The errors of requests. Only the log tells them apart.
var (
	// ErrUnsigned means that a request has no signature or no credentials.
	ErrUnsigned = errors.New("the request has no signature")

	// ErrSignature means that the signature or the credentials are wrong, or that the
	// connection has no key to check them with.
	ErrSignature = errors.New("the signature is wrong")

	// ErrStale means that a signature is valid and too old.
	ErrStale = errors.New("the signature is too old")

	// ErrFormat means that a body is not in the provider's format.
	ErrFormat = errors.New("the body is not in the provider's format")
)

// SignatureLife is how old the signed time of a request may be, where the provider has no shorter
// limit: longer than SendGrid and Amazon SNS repeat a request, and shorter than a received mail is
// remembered, so that a captured request has no second effect.
const SignatureLife = 7 * 24 * time.Hour

// formatError returns ErrFormat with what is wrong, and nothing of the text: errors are logged,
// and those of decoders quote what they could not read.
func formatError(cause error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](cause); ok {
		return fmt.Errorf("%w: the field %s has another type", ErrFormat, wrong.Field)
	}
	if _, ok := errors.AsType[*json.SyntaxError](cause); ok {
		return fmt.Errorf("%w: it is not JSON", ErrFormat)
	}
	return fmt.Errorf("%w: it is no form", ErrFormat)
}

// Inbox reads the mail of one connection.
type Inbox struct {
	// Address is the connection's own address.
	Address string

	// Sent reports whether a message id is that of a mail that we sent. A mail with such an
	// id has come back to us and is not answered. Nil knows none.
	Sent func(messageID string) bool
}

func ignored(account, why string) []channel.Update {
	return []channel.Update{{Account: account, Ignored: why}}
}
