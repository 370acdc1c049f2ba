package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// call is one call of the store, which may be repeated at any later time.
type call interface {
	// send makes the call and returns the result that its caller gets.
	send(ctx context.Context, s *dynamo.Store) string
	// apply makes the call's changes to the books at a given time, and returns the
	// result that its caller should get.
	apply(b *books, now time.Time) string
	fmt.Stringer
}

// heard returns the result for an error.
func heard(err error) string {
	var known *fault.Error
	switch {
	case errors.Is(err, idempotency.ErrMismatch):
		return "mismatch"
	case errors.Is(err, idempotency.ErrRunning):
		return "running"
	case errors.Is(err, idempotency.ErrAnswered):
		return "answered"
	case fault.Is(err, fault.RateLimited):
		return rateLimited(fault.From(err).RetryAfter)
	case errors.As(err, &known):
		return string(known.Code) + known.Details.Limit
	}
	return unknown + err.Error()
}

func rateLimited(wait time.Duration) string { return fmt.Sprintf("%s for %s", fault.RateLimited, wait) }

// unknown begins the result of any other error.
const unknown = "error: "

// admit opens a turn.
type admit struct {
	turn.Admission
	hold *ledger.Hold // as returned to its caller
	late bool         // a copy of an earlier admission
}

func (c admit) String() string {
	return fmt.Sprintf("admit %s %s at %s", c.Kind, c.TurnID, clock(c.At))
}

func (c admit) name() string {
	if c.Kind == ledger.OwnKey {
		return "own:" + c.TurnID
	}
	return c.TurnID
}

func (c admit) send(ctx context.Context, s *dynamo.Store) string {
	h, err := s.Admit(ctx, c.Admission)
	if err != nil {
		return heard(err)
	}
	*c.hold = h
	return holds(h.Amount, h.Account.Available, len(h.Account.Open))
}

func holds(amount, available ledger.Credits, open int) string {
	return fmt.Sprintf("holds %d, %d left, %d open", amount, available, open)
}

func (c admit) apply(b *books, _ time.Time) string {
	if h, open := b.open[c.name()]; open {
		return holds(h.amount, b.available, len(b.open))
	}
	if refusal := c.refusal(b); refusal != "" {
		return refusal
	}
	b.open[c.name()] = hold{turnID: c.TurnID, kind: c.Kind, amount: b.account.HoldOf(c.Kind), late: c.late}
	b.available -= b.account.HoldOf(c.Kind)
	b.held++
	b.count(orgRate, b.account.Limits.RatePerMinute, c.At)
	b.count(keyRateOf(c.KeyID), b.account.Limits.KeyRatePerMinute, c.At)
	b.counters[messagesOf(c.Kind, c.At)]++
	if b.due == 0 {
		b.due = c.At.Add(ledger.HoldLife).UnixMilli()
	}
	return holds(b.account.HoldOf(c.Kind), b.available, len(b.open))
}

func (c admit) refusal(b *books) string {
	l := b.account.Limits
	messages := l.MonthlyMessagesHosted
	if c.Kind == ledger.OwnKey {
		messages = l.MonthlyMessagesOwn
	}
	ofOrg, orgWait := b.requests(orgRate, c.At)
	ofKey, keyWait := b.requests(keyRateOf(c.KeyID), c.At)
	switch tokens := l.MonthlyTokensHosted; {
	case ofOrg >= l.RatePerMinute:
		return rateLimited(orgWait)
	case ofKey >= l.KeyRatePerMinute:
		return rateLimited(keyWait)
	case len(b.open) >= l.MaxConcurrentTurns:
		return rateLimited(time.Second)
	case messages > 0 && b.counters[messagesOf(c.Kind, c.At)] >= messages:
		return string(fault.LimitReached) + "messages"
	case tokens > 0 && c.Kind == ledger.Hosted && b.counters[tokensOf(ledger.Hosted, c.At)] >= tokens:
		return string(fault.LimitReached) + "tokens"
	case b.available < b.account.HoldOf(c.Kind):
		return string(fault.InsufficientCredits)
	}
	return ""
}

// extend extends a turn's hold.
type extend struct {
	ledger.Hold
	need, want ledger.Credits
	hold       *ledger.Hold // as returned to its caller
}

func (c extend) String() string {
	return fmt.Sprintf("extend %s by %d to %d", c.TurnID, c.need, c.want)
}

func (c extend) name() string {
	return admit{Admission: turn.Admission{Kind: c.Kind, TurnID: c.TurnID}}.name()
}

func (c extend) send(ctx context.Context, s *dynamo.Store) string {
	h, err := s.Extend(ctx, c.Hold, c.need, c.want)
	if err != nil {
		return heard(err)
	}
	*c.hold = h
	return holds(h.Amount, h.Account.Available, len(h.Account.Open))
}

func (c extend) apply(b *books, _ time.Time) string {
	h, open := b.open[c.name()]
	switch {
	case !open:
		return string(fault.Conflict)
	case h.amount != c.Amount: // the hold was extended before
	case b.available < c.need:
		return string(fault.InsufficientCredits)
	default:
		by := min(c.want, b.available)
		h.amount += by
		b.available -= by
		b.open[c.name()] = h
	}
	return holds(h.amount, b.available, len(b.open))
}

// settle closes a turn and charges for it.
type settle struct{ *turn.Settlement }

func (c settle) String() string {
	return fmt.Sprintf("settle %s for %d at %s", c.Turn.ID, c.Turn.Charge, clock(c.Turn.SettledAt))
}

func (c settle) name() string {
	return admit{Admission: turn.Admission{Kind: c.Hold.Kind, TurnID: c.Turn.ID}}.name()
}

func (c settle) send(ctx context.Context, s *dynamo.Store) string {
	settled, err := s.Settle(ctx, c.Settlement)
	if err != nil {
		return heard(err)
	}
	return outcome{settled.Charge}.String()
}

func (o outcome) String() string { return fmt.Sprintf("settled for %d", o.charge) }

func (c settle) apply(b *books, _ time.Time) string {
	if o, settled := b.settled[c.Turn.ID]; settled {
		return o.String()
	}
	h, open := b.open[c.name()]
	if !open {
		return string(fault.Conflict)
	}
	if c.Claim != nil {
		k := b.keys[c.Claim.Key.ID]
		if k.turnID != c.Turn.ID || k.settled {
			return string(fault.Conflict)
		}
		k.settled = true
		b.keys[c.Claim.Key.ID] = k
	}
	charge := min(c.Turn.Charge, h.amount+b.available)
	delete(b.open, c.name())
	b.resolved++
	b.available += h.amount
	b.enter(c.Turn.ID, -charge, c.Turn.SettledAt)
	b.counters[tokensOf(c.Hold.Kind, c.Turn.SettledAt)] += c.Turn.Usage.Input + c.Turn.Usage.Output
	of := ledger.UsageOf{
		Day: ledger.Day(c.Turn.SettledAt), AgentID: c.Turn.AgentID, KeyID: c.Turn.KeyID, Channel: c.Turn.Channel, Model: c.Turn.Model,
	}
	b.usage[of] = b.usage[of].Plus(ledger.Usage{Turns: 1, Input: c.Turn.Usage.Input, Output: c.Turn.Usage.Output, Charge: charge})
	b.threads[c.Turn.ThreadID] = append(b.threads[c.Turn.ThreadID], c.Turn.ID)
	o := outcome{charge}
	b.settled[c.Turn.ID] = o
	return o.String()
}

// release closes a turn without a charge.
type release struct{ ledger.Hold }

func (c release) String() string { return "release " + c.TurnID }

func (c release) send(ctx context.Context, s *dynamo.Store) string {
	return done(s.Release(ctx, c.Hold))
}

func done(err error) string {
	if err != nil {
		return heard(err)
	}
	return "done"
}

func (c release) apply(b *books, _ time.Time) string {
	name := admit{Admission: turn.Admission{Kind: c.Kind, TurnID: c.TurnID}}.name()
	if _, open := b.open[name]; open {
		b.close(name)
	}
	return done(nil)
}

// sweep releases expired holds.
type sweep struct{ at time.Time }

func (c sweep) String() string { return "sweep at " + clock(c.at) }

func (c sweep) send(ctx context.Context, s *dynamo.Store) string {
	_, err := s.Sweep(ctx, c.at)
	return done(err)
}

func (c sweep) apply(b *books, _ time.Time) string {
	return c.applyTo(b, func(string) bool { return true })
}

// applyTo sweeps like a sweeper that released only the holds in gone before it died.
func (c sweep) applyTo(b *books, gone func(name string) bool) string {
	if b.due == 0 || b.due > c.at.UnixMilli() {
		return done(nil)
	}
	whole := true
	var next time.Time
	for name, h := range b.open {
		switch {
		case h.expiry().After(c.at):
			if next.IsZero() || h.expiry().Before(next) {
				next = h.expiry()
			}
		case gone(name):
			b.close(name)
		default:
			whole = false
		}
	}
	switch {
	case !whole:
	case next.IsZero():
		b.due = 0
	default:
		b.due = next.UnixMilli()
	}
	return done(nil)
}

// add adds an entry of credits.
type add struct {
	ledger.Entry
	key *idempotency.Key
}

func (c add) String() string { return fmt.Sprintf("%s %s of %d", c.Kind, c.ID, c.Amount) }

func (c add) send(ctx context.Context, s *dynamo.Store) string {
	var once *idempotency.Change
	if c.key != nil {
		once = &idempotency.Change{Key: *c.key, Answer: func(any) (idempotency.Answer, error) {
			return idempotency.Answer{Status: 200, Body: []byte(c.ID)}, nil
		}}
	}
	return done(s.AddEntry(ctx, once, c.Entry))
}

func (c add) apply(b *books, now time.Time) string {
	if c.key != nil {
		if k, kept := b.keys[c.key.ID]; kept && k.expires > now.Unix() {
			return "answered"
		}
	}
	if b.available < -c.Amount {
		return string(fault.Conflict)
	}
	if _, there := b.entries[c.ID]; there {
		return unknown
	}
	b.enter(c.ID, c.Amount, c.At)
	if c.key != nil {
		b.keys[c.key.ID] = onceKey{expires: now.Add(idempotency.Life).Unix()}
	}
	return done(nil)
}

// change changes the account's limits and prices.
type change struct {
	ledger.LimitsPatch
	org string
}

func (c change) String() string {
	return fmt.Sprintf("metering %v, at most %d turns, %d of a key in a minute", *c.Metering, *c.MaxConcurrentTurns, *c.KeyRatePerMinute)
}

func (c change) send(ctx context.Context, s *dynamo.Store) string {
	_, err := s.ChangeLimits(ctx, nil, c.org, c.LimitsPatch)
	return done(err)
}

func (c change) apply(b *books, _ time.Time) string {
	c.Apply(&b.account)
	return done(nil)
}

// claim takes an idempotency key for a turn.
type claim struct{ turn.Claim }

func (c claim) String() string {
	return fmt.Sprintf("claim %.4s for %s at %s", c.Key.ID, c.TurnID, clock(c.At))
}

func (c claim) send(ctx context.Context, s *dynamo.Store) string {
	kept, err := s.Claim(ctx, c.Claim)
	if err == nil && kept != nil {
		return "made " + kept.TurnID
	}
	return done(err)
}

func (c claim) apply(b *books, _ time.Time) string {
	k, there := b.keys[c.Key.ID]
	switch free := !there || k.expires <= c.At.Unix() || !k.settled && k.until <= c.At.UnixMilli(); {
	case free:
		b.keys[c.Key.ID] = onceKey{body: c.Key.Body, turnID: c.TurnID, until: c.Until.UnixMilli(), expires: c.At.Add(idempotency.Life).Unix()}
	case k.body != c.Key.Body:
		return "mismatch"
	case k.settled:
		return "made " + k.turnID
	case k.turnID != c.TurnID:
		return "running"
	}
	return done(nil)
}

// unclaim releases a key.
type unclaim struct{ turn.Claim }

func (c unclaim) String() string { return fmt.Sprintf("unclaim %.4s of %s", c.Key.ID, c.TurnID) }

func (c unclaim) send(ctx context.Context, s *dynamo.Store) string {
	return done(s.Unclaim(ctx, c.Claim))
}

func (c unclaim) apply(b *books, _ time.Time) string {
	if k := b.keys[c.Key.ID]; k.turnID == c.TurnID && !k.settled {
		delete(b.keys, c.Key.ID)
	}
	return done(nil)
}

func clock(t time.Time) string { return t.UTC().Format("01-02 15:04:05.000") }
