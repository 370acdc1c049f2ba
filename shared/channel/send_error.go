package channel

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
)

// Kind says what a failed send calls for.
type Kind string

// The kinds. Only Throttled and Unsent may be retried as they are.
const (
	Throttled     Kind = "throttled"     // too much at once, or a temporary fault at the provider: retry later
	Unsent        Kind = "unsent"        // the provider was not reached, so nothing was sent: retry later
	Unknown       Kind = "unknown"       // the response was lost: the message may have been sent, so no retry
	Stopped       Kind = "stopped"       // the token, a permission or the account ended: stop the connection
	WindowClosed  Kind = "window_closed" // the person's last message is over 24 hours old: only templates are allowed
	Undeliverable Kind = "undeliverable" // this person cannot or does not want to be reached
	Rejected      Kind = "rejected"      // the request or its template is wrong: no retry
)

// Kinds lists every kind, for tests of tables.
func Kinds() []Kind {
	return []Kind{Throttled, Unsent, Unknown, Stopped, WindowClosed, Undeliverable, Rejected}
}

// SendError is why a message was not sent, or is not known to have been.
type SendError struct {
	Kind       Kind
	Code       int           // the provider's own code; 0 if it gave none
	Name       string        // the provider's own code where it is a word; empty if it gave none
	Message    string        // the provider's own text, or ours where it gave none; safe to show
	Details    string        // what the provider adds to the text; may be empty
	Action     string        // what the account's owner can do; set for a Throttled one only if the owner must know
	OptedOut   bool          // for Undeliverable, the person told the provider to get no messages
	RetryAfter time.Duration // for Throttled, how long the provider asks to wait; 0 if it does not say
	Err        error         // the cause, for the log only; without anything of a person
}

// Error returns the kind with the provider's code and text and, after a colon, the cause.
func (f *SendError) Error() string {
	text := fmt.Sprintf("%s: %s", f.Kind, f.Message)
	switch {
	case f.Code != 0:
		text = fmt.Sprintf("%s (code %d)", text, f.Code)
	case f.Name != "":
		text = fmt.Sprintf("%s (code %s)", text, f.Name)
	}
	if f.Err != nil {
		return fmt.Sprintf("%s: %v", text, f.Err)
	}
	return text
}

// WindowClosedReason is the reason of what was refused with WindowClosed: providers have short and
// various texts for it.
const WindowClosedReason = "The person has not written for 24 hours, so the channel allows no free text"

// Reason returns the provider's text with its details, for the person who looks at the thread.
func (f *SendError) Reason() string {
	if f.Kind == WindowClosed {
		return WindowClosedReason
	}
	if f.Details == "" || strings.EqualFold(strings.TrimSuffix(f.Details, "."), strings.TrimSuffix(f.Message, ".")) {
		return f.Message
	}
	return f.Message + ": " + f.Details
}

// LogValue returns what a log has of the error: the kind, the provider's code and the cause.
// Providers repeat numbers, addresses and texts of people in their messages.
func (f *SendError) LogValue() slog.Value {
	text := string(f.Kind)
	switch {
	case f.Code != 0:
		text = fmt.Sprintf("%s (code %d)", text, f.Code)
	case f.Name != "":
		text = fmt.Sprintf("%s (code %s)", text, f.Name)
	}
	if f.Err != nil {
		text = fmt.Sprintf("%s: %v", text, f.Err)
	}
	return slog.StringValue(text)
}

// Problem returns the problem of the connection that the failure shows. ok is false for a failure
// that concerns only the message, or that passes without the owner.
func (f *SendError) Problem(at time.Time) (p connection.Problem, ok bool) {
	p = connection.Problem{Code: cmp.Or(f.Name, strconv.Itoa(f.Code)), Message: f.Message, Action: cmp.Or(f.Action, defaultAction), Since: at}
	switch {
	case f.Kind == Stopped:
		return p, true
	case f.Kind == Throttled && f.Action != "":
		p.Message = fmt.Sprintf("%s (code %s)", f.Message, p.Code)
		p.Code = connection.QualityLimit
		return p, true
	}
	return connection.Problem{}, false
}

// defaultAction is what the owner of a connection can do if the provider's client names nothing.
const defaultAction = "Look at the account and its permissions in the provider's console; if the credentials changed, rotate those of the connection."

// Unwrap returns the cause.
func (f *SendError) Unwrap() error { return f.Err }
