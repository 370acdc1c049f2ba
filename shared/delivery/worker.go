package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// Store keeps deliveries.
type Store interface {
	// ClaimDelivery takes a lease on a due delivery until a time. It returns nil if
	// the delivery is not pending, is not due, or another worker has a lease on it.
	ClaimDelivery(ctx context.Context, r Ref, lease string, now, until time.Time) (*Delivery, error)

	// RecordDelivery stores the state of a claimed delivery and releases the lease.
	// It returns the id of the delivery that waits for this one, or "". It does not
	// change a delivery that another worker has claimed meanwhile.
	RecordDelivery(ctx context.Context, d Delivery) (next string, err error)

	// FinishFanout removes a claimed fan-out. It returns the id of the fan-out that
	// waits for it, or "", possibly together with an error. It does not change a
	// fan-out that another worker has claimed meanwhile.
	FinishFanout(ctx context.Context, d Delivery) (next string, err error)

	// Webhook returns a webhook by its id, or NotFound.
	Webhook(ctx context.Context, orgID, id string) (Webhook, error)

	// MarkFailing records the time since which a webhook fails, unless one is
	// recorded; a zero time removes it. It does not change a webhook whose URL has
	// changed.
	MarkFailing(ctx context.Context, e Webhook, since time.Time) error

	// DisableWebhook disables a webhook, unless it is disabled or its URL has changed.
	DisableWebhook(ctx context.Context, e Webhook, why Reason, at time.Time) error

	// ClaimSlot takes one of a place's slots and reports whether one was free. The
	// slot expires at until.
	ClaimSlot(ctx context.Context, p work.Place, now, until time.Time) (work.Slot, bool, error)

	// FreeSlot frees a slot.
	FreeSlot(ctx context.Context, s work.Slot) error
}

// Sender makes requests.
type Sender interface {
	// Post sends a request. It returns an error only for our own faults; a receiver's
	// failure is in the result.
	Post(ctx context.Context, r Request) (Result, error)
}

// Secrets returns signing secrets.
type Secrets interface {
	Signing(ctx context.Context, orgID, name string) ([]string, error)
}

// Worker sends deliveries.
type Worker struct {
	Store   Store
	Secrets Secrets
	Sender  Sender
	Fanout  FanOuter
	Queue   work.Queue
	Now     func() time.Time
	Chance  func() float64 // selects the jitter; nil: random
}

const (
	// leaseTime is longer than an attempt takes.
	leaseTime = 30 * time.Second

	// mayFail is the time of continuous failure after which a webhook is disabled.
	mayFail = 5 * 24 * time.Hour

	// loggedAttempts is the number of attempts that a delivery's log keeps.
	loggedAttempts = 20
)

// Work makes an attempt at the delivery that a message names, or expands a fan-out. It may
// be killed at any point and called any number of times: a receiver then receives the same
// webhook-id again.
func (w *Worker) Work(ctx context.Context, message []byte) error {
	var r Ref
	if err := json.Unmarshal(message, &r); err != nil || r.OrgID == "" || r.Target == "" || r.ID == "" {
		return fmt.Errorf("the message names no delivery: %.200q", message)
	}
	now := w.Now()
	d, err := w.Store.ClaimDelivery(ctx, r, uuid.NewString(), now, now.Add(leaseTime))
	if err != nil || d == nil {
		return err
	}
	if d.Target == Fanout {
		return w.fanOut(ctx, *d)
	}
	e := &Webhook{}
	if d.Target != Callbacks {
		if e, err = w.webhook(ctx, d); err != nil || e == nil {
			return err
		}
	}
	place := work.Place{OrgID: d.OrgID, Stage: work.Attempts, Receiver: receiverOf(d.URL)}
	slot, free, err := w.Store.ClaimSlot(ctx, place, now, now.Add(leaseTime))
	if err != nil {
		return err
	}
	if !free {
		since := d.CreatedAt
		if n := len(d.Attempts); n > 0 {
			since = d.Attempts[n-1].At
		}
		return w.putBack(ctx, *d, now.Add(work.StandBack(now.Sub(since), w.chance())))
	}
	defer w.free(context.WithoutCancel(ctx), slot)
	return w.attempt(ctx, *d, *e)
}

// webhook returns the webhook of a delivery. If it was deleted or disabled, the delivery has
// failed and the result is nil.
func (w *Worker) webhook(ctx context.Context, d *Delivery) (*Webhook, error) {
	e, err := w.Store.Webhook(ctx, d.OrgID, d.Target)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && e.Disabled:
		d.Status = Failed
		d.log(Attempt{At: w.Now(), Failure: Off})
		return nil, w.record(ctx, *d)
	case err != nil:
		return nil, err
	}
	d.URL = e.URL // the current URL
	return &e, nil
}

func (w *Worker) free(ctx context.Context, s work.Slot) {
	if err := w.Store.FreeSlot(ctx, s); err != nil {
		slog.WarnContext(ctx, "slot not freed; it expires by itself", "org_id", s.OrgID, "error", err)
	}
}

func (w *Worker) attempt(ctx context.Context, d Delivery, e Webhook) error {
	secrets, err := w.Secrets.Signing(ctx, d.OrgID, d.Target)
	if err != nil {
		return err
	}
	began := w.Now()
	result, err := w.Sender.Post(ctx, Request{URL: d.URL, ID: d.EventID, At: began, Body: d.Body, Secrets: secrets})
	if err != nil {
		return err
	}
	if !result.Done() && ctx.Err() != nil {
		return ctx.Err() // our own deadline passed, not the receiver's time limit
	}
	ended := w.Now()
	d.Made++
	d.log(Attempt{
		At: began, Duration: ended.Sub(began), Status: result.Status, Failure: result.Failure, Answer: result.Answer,
	})
	if d.Target != Callbacks {
		if err := w.judge(ctx, e, result, ended); err != nil {
			return err
		}
	}
	wait, again := Wait(d.Made, result.RetryAfter, w.chance())
	switch {
	case result.Done():
		d.Status = Delivered
	case result.Gone() || !again:
		d.Status = Failed
		d.logFailure(ctx, result, time.Time{})
	default:
		d.logFailure(ctx, result, ended.Add(wait))
		return w.putBack(ctx, d, ended.Add(wait))
	}
	return w.record(ctx, d)
}

// log adds an attempt to a delivery's log.
func (d *Delivery) log(a Attempt) {
	d.Attempts = append(d.Attempts, a)
	d.Attempts = d.Attempts[max(0, len(d.Attempts)-loggedAttempts):]
}

// judge records whether a webhook is failing. It disables a webhook after a 410 or after
// mayFail of failures.
func (w *Worker) judge(ctx context.Context, e Webhook, r Result, at time.Time) error {
	switch failing := !e.FailingSince.IsZero(); {
	case r.Gone():
		return w.Store.DisableWebhook(ctx, e, Gone, at)
	case r.Done() && failing:
		return w.Store.MarkFailing(ctx, e, time.Time{})
	case r.Done():
		return nil
	case !failing:
		return w.Store.MarkFailing(ctx, e, at)
	case at.Sub(e.FailingSince) >= mayFail:
		return w.Store.DisableWebhook(ctx, e, Failing, at)
	}
	return nil
}

// record stores the state of a delivery, and sends the delivery that has waited for its first
// attempt.
func (w *Worker) record(ctx context.Context, d Delivery) error {
	next, err := w.Store.RecordDelivery(ctx, d)
	if err != nil || next == "" || d.Status == Pending && d.Made != 1 {
		return err
	}
	w.wake(ctx, Ref{OrgID: d.OrgID, Target: d.Target, ID: next}, 0)
	return nil
}

func (w *Worker) wake(ctx context.Context, r Ref, after time.Duration) {
	if err := w.Queue.Send(ctx, work.Message{Body: r, After: after}); err != nil {
		slog.WarnContext(ctx, "a delivery waits for the sweeper", "org_id", r.OrgID, "delivery_id", r.ID, "error", err)
	}
}

// putBack stores the time of the next attempt, and sends a message with that delay. The sweep
// sends messages for later times.
func (w *Worker) putBack(ctx context.Context, d Delivery, at time.Time) error {
	d.NextAt = at
	if err := w.record(ctx, d); err != nil {
		return err
	}
	if wait := at.Sub(w.Now()); wait <= work.Ahead {
		w.wake(ctx, d.Ref, max(0, wait))
	}
	return nil
}

func (w *Worker) chance() float64 {
	if w.Chance == nil {
		return rand.Float64()
	}
	return w.Chance()
}
