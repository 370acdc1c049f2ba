package ledger

import (
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Limits bound the requests, turns and usage of an org. A monthly cap of 0 means no cap.
type Limits struct {
	RatePerMinute      int // requests of the org
	KeyRatePerMinute   int // requests of one key
	MaxConcurrentTurns int
	MaxWaitingTurns    int // jobs (turns accepted to run later) that have not ended

	// Per calendar month in UTC, by the kind of turn: hosted turns use the
	// deployment's provider key, the others the org's own.
	MonthlyMessagesHosted int
	MonthlyMessagesOwn    int
	MonthlyTokensHosted   int
}

// DefaultLimits are the limits of an org without its own.
var DefaultLimits = Limits{RatePerMinute: 600, KeyRatePerMinute: 300, MaxConcurrentTurns: 1000, MaxWaitingTurns: 1000}

// Kind is the kind of a turn, by the provider key that it uses. The zero value is
// Hosted.
type Kind string

// The kinds of turns.
const (
	Hosted Kind = "hosted"
	OwnKey Kind = "own"
)

// RateWindow is the length of a rate window. A window starts with its first request.
// While it has counted few requests (see Few), each further request restarts it.
const RateWindow = time.Minute

// Few returns 5 % of a limit. A window with at most this usage restarts with each
// request, so that a burst does not meet a window that is about to end.
func Few(limit int) int { return limit / 20 }

// Window is the usage of a rate window at admission. Without a current window the usage
// is 0 and Ends is RateWindow.
type Window struct {
	Requests int
	Ends     time.Duration // from now
}

// Rates are the rate windows that count a request.
type Rates struct {
	Org, Key Window

	// Counted marks a job, whose request was counted when it was accepted. The rates
	// do not refuse it again.
	Counted bool
}

// Month is an account's usage in the current calendar month at admission, for the kind
// of the admitted turn.
type Month struct {
	Kind     Kind
	Messages int
	Tokens   int           // of hosted turns
	Ends     time.Duration // from now
}

// Refusal returns the error that refuses another turn, given the account and its usage:
// RateLimited, LimitReached or InsufficientCredits, with the rest of the rates. It
// returns nil if the turn may be admitted.
func Refusal(a Account, r Rates, m Month) error {
	err := refusal(a, r, m)
	if e := fault.From(err); e != nil {
		e.Details.Quotas = Quotas(a, r)
	}
	return err
}

func refusal(a Account, r Rates, m Month) error {
	messages := a.Limits.MonthlyMessagesHosted
	if m.Kind == OwnKey {
		messages = a.Limits.MonthlyMessagesOwn
	}
	if err := overRate(a, r); err != nil {
		return err
	}
	// A part of a sharded account has a negative cap when its share is used up.
	switch tokens := a.Limits.MonthlyTokensHosted; {
	case len(a.Open) >= a.Limits.MaxConcurrentTurns:
		return rateLimited(time.Second, "The organisation's limit of %d turns at a time is reached", a.Limits.MaxConcurrentTurns)
	case messages != 0 && m.Messages >= messages:
		return limitReached(m.Ends, "messages", "The monthly limit of %d messages is reached", messages)
	case tokens != 0 && m.Kind != OwnKey && m.Tokens >= tokens:
		return limitReached(m.Ends, "tokens", "The monthly limit of %d tokens is reached", tokens)
	case a.Available < a.HoldOf(m.Kind):
		return NoCredits(a.Available, fmt.Sprintf("No credits available: %s left, a turn holds %s", a.Available, a.HoldOf(m.Kind)))
	}
	return nil
}

// waitingRetry is the Retry-After at the limit of waiting turns. Each turn that ends
// makes room.
const waitingRetry = 5 * time.Second

// AcceptRefusal returns a RateLimited error if the account accepts no further job, and
// nil otherwise. Credits, monthly caps and concurrent turns are checked when the job's
// turn runs.
func AcceptRefusal(a Account, r Rates) error {
	err := overRate(a, r)
	if err == nil && a.Waiting >= a.Limits.MaxWaitingTurns {
		err = rateLimited(waitingRetry, "The organisation's limit of %d waiting turns is reached", a.Limits.MaxWaitingTurns)
	}
	if e := fault.From(err); e != nil {
		e.Details.Quotas = Quotas(a, r)
	}
	return err
}

func overRate(a Account, r Rates) error {
	switch {
	case r.Counted:
	case r.Org.Requests >= a.Limits.RatePerMinute:
		return rateLimited(r.Org.Ends, "The organisation's limit of %d requests per minute is reached", a.Limits.RatePerMinute)
	case r.Key.Requests >= a.Limits.KeyRatePerMinute:
		return rateLimited(r.Key.Ends, "The key's limit of %d requests per minute is reached", a.Limits.KeyRatePerMinute)
	}
	return nil
}

// NoCredits returns an InsufficientCredits error that shows the available credits.
func NoCredits(available Credits, message string) error {
	return &fault.Error{Code: fault.InsufficientCredits, Message: message, Details: fault.Details{Balance: available.String()}}
}

func rateLimited(after time.Duration, format string, limit int) error {
	return &fault.Error{Code: fault.RateLimited, Message: fmt.Sprintf(format, limit), RetryAfter: after}
}

func limitReached(after time.Duration, which, format string, limit int) error {
	return &fault.Error{
		Code: fault.LimitReached, Message: fmt.Sprintf(format, limit), RetryAfter: after, Details: fault.Details{Limit: which},
	}
}
