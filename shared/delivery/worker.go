package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Store keeps deliveries.
type Store interface {
	// ClaimDelivery takes a pending delivery whose time has come and that no
	// other worker is at. It returns nil when there is no such thing.
	ClaimDelivery(ctx context.Context, r Ref, lease string, now, until time.Time) (*Delivery, error)

	// RecordDelivery stores how far a claimed delivery has come and gives it
	// back. One that somebody else has claimed meanwhile stays as it is.
	RecordDelivery(ctx context.Context, d Delivery) error

	// TakeSlot takes one of a receiver's slots and reports whether one was free.
	// A slot that was not freed is free again at until.
	TakeSlot(ctx context.Context, orgID, receiver string, now, until time.Time) (Slot, bool, error)

	// FreeSlot gives a slot back.
	FreeSlot(ctx context.Context, s Slot) error
}

// Slot is a place at a receiver.
type Slot struct {
	OrgID    string
	Receiver string
	Number   int
	Until    time.Time
}

// Slots is how many requests go to one receiver at a time, so that a slow one
// keeps no worker from the others.
const Slots = 10

// Sender makes requests.
type Sender interface {
	// Post makes a request. Its error is ours, not the receiver's.
	Post(ctx context.Context, r Request) (Result, error)
}

// Secrets signs.
type Secrets interface {
	Signing(ctx context.Context, orgID, name string) ([]string, error)
}

// Worker sends deliveries.
type Worker struct {
	Store   Store
	Secrets Secrets
	Sender  Sender
	Queue   Queue
	Now     func() time.Time
	Chance  func() float64 // nil: any
}

const (
	// leaseTime is longer than an attempt takes.
	leaseTime = 30 * time.Second

	// crowded is how long a delivery stands back from a receiver whose slots
	// are all taken, and half of it again by chance.
	crowded = 5 * time.Second

	// loggedAttempts is how many attempts a delivery's log keeps.
	loggedAttempts = 20
)

// Work makes an attempt at the delivery that a message names. It may be killed
// at any point and run any number of times: a receiver then sees the same
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
	slot, free, err := w.Store.TakeSlot(ctx, d.OrgID, receiver(d.URL), now, now.Add(leaseTime))
	if err != nil {
		return err
	}
	if !free {
		return w.putBack(ctx, *d, now.Add(crowded+time.Duration(w.chance()*float64(crowded)/2)))
	}
	defer w.free(context.WithoutCancel(ctx), slot)
	return w.attempt(ctx, *d)
}

// receiver is who has slots: a host.
func receiver(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Host
}

func (w *Worker) free(ctx context.Context, s Slot) {
	if err := w.Store.FreeSlot(ctx, s); err != nil {
		slog.WarnContext(ctx, "a slot stays taken for a while", "org_id", s.OrgID, "error", err)
	}
}

func (w *Worker) attempt(ctx context.Context, d Delivery) error {
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
		return ctx.Err() // it is our time that was up, not the receiver's
	}
	ended := w.Now()
	d.Made++
	d.Attempts = append(d.Attempts, Attempt{
		At: began, Duration: ended.Sub(began), Status: result.Status, Failure: result.Failure, Answer: result.Answer,
	})
	d.Attempts = d.Attempts[max(0, len(d.Attempts)-loggedAttempts):]
	wait, again := Wait(d.Made, result.RetryAfter, w.chance())
	switch {
	case result.Done():
		d.Status = Delivered
	case result.Gone() || !again:
		d.Status = Failed
	default:
		return w.putBack(ctx, d, ended.Add(wait))
	}
	return w.Store.RecordDelivery(ctx, d)
}

// putBack stores when a delivery is due again, and sees that it is looked at
// then; the sweeper does that for what is further away.
func (w *Worker) putBack(ctx context.Context, d Delivery, at time.Time) error {
	d.NextAt = at
	if err := w.Store.RecordDelivery(ctx, d); err != nil {
		return err
	}
	if wait := at.Sub(w.Now()); wait <= ahead {
		if err := w.Queue.Send(ctx, Message{d.Ref, max(0, wait)}); err != nil {
			slog.WarnContext(ctx, "a delivery waits for the sweeper", "org_id", d.OrgID, "delivery_id", d.ID, "error", err)
		}
	}
	return nil
}

func (w *Worker) chance() float64 {
	if w.Chance == nil {
		return rand.Float64()
	}
	return w.Chance()
}
