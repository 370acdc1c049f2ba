// Package fault has the error type for errors that callers may see.
//
// An Error has one of a few codes. Each surface has a table that maps every code to the
// status and body that its vendor documents. An error that is not a *fault.Error counts
// as Internal: it is logged, and its text never reaches a caller.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Code is the kind of an error, in the product's terms.
type Code string

// The codes. Every surface maps each of them.
const (
	Invalid             Code = "invalid"              // the request is malformed; Field names the invalid field
	Unauthorized        Code = "unauthorized"         // no credential, or one that is not live
	InsufficientCredits Code = "insufficient_credits" // the balance does not cover the hold
	Forbidden           Code = "forbidden"            // the credential is live but may not do this
	NotFound            Code = "not_found"            // it does not exist, or belongs to another org
	Gone                Code = "gone"                 // it existed and was deleted
	Conflict            Code = "conflict"             // it conflicts with a concurrent request or an existing resource
	NotDeployed         Code = "not_deployed"         // the agent has no deployed version
	TooLarge            Code = "too_large"            // the body is over the limit
	Unreadable          Code = "unreadable"           // the body's Content-Encoding is not supported
	RateLimited         Code = "rate_limited"         // too many requests in this window
	LimitReached        Code = "limit_reached"        // a monthly cap is used up
	ModelUnavailable    Code = "model_unavailable"    // the provider is throttled, down or not ready
	ModelRefused        Code = "model_refused"        // the provider does not know or does not allow the model
	Internal            Code = "internal"             // anything else
)

// Codes lists every code, for tests of the surfaces' tables.
func Codes() []Code {
	return []Code{
		Invalid, Unauthorized, InsufficientCredits, Forbidden, NotFound, Gone, Conflict, NotDeployed,
		TooLarge, Unreadable, RateLimited, LimitReached, ModelUnavailable, ModelRefused, Internal,
	}
}

// Error is an error that may be shown to callers.
type Error struct {
	Code       Code
	Message    string        // a full sentence or clause, safe to show
	Field      string        // the request field at fault, for Invalid
	RetryAfter time.Duration // for RateLimited, ModelUnavailable and a temporary Conflict
	Details    Details       // machine-readable facts
	Err        error         // the cause, for the log only
}

// Details are facts about an error. A surface shows those that its vendor documents.
type Details struct {
	Balance string  // available credits; for InsufficientCredits
	Limit   string  // the reached cap: "messages" or "tokens"; for LimitReached
	Quotas  []Quota // the caller's rate limits, if admission has read them
}

// Quota is a limit of requests within a time window, and what remains of it.
type Quota struct {
	Name      string // "org" or "key", the owner of the limit
	Limit     int
	Window    time.Duration
	Remaining int
	Resets    time.Duration // from now
}

// Error returns the message with its code and, after a colon, the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Shown returns the message for callers. The message of an Internal error is replaced by a
// general one.
func (e *Error) Shown() string {
	if e.Code == Internal {
		return "Internal server error"
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the given code whose message is format filled with args.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Field returns an Invalid error for the given request field.
func Field(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Rule returns an Invalid error for a field that breaks a rule such as "must be a string".
func Rule(field, rule string) *Error { return Field(field, "%s %s", field, rule) }

// Because returns a copy of the error with a cause, for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Err = cause
	return &c
}

// From returns err as a *Error: itself if it is one, or wraps one, otherwise
// an Internal error that keeps err as its cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: Internal, Message: "Internal error", Err: err}
}

// Is reports whether err carries the given code.
func Is(err error, code Code) bool {
	return err != nil && From(err).Code == code
}
