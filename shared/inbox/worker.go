package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Worker files updates and works on chats.
type Worker struct {
	Store     Store
	Turns     turn.Runner
	Accounts  *Accounts
	Providers func(connection.Channel) channel.Provider
	Workers   work.Queue
	Now       func() time.Time
}

// Work handles a message of the queue. It may be killed at any point and called any number of
// times. After an error it must be called again.
func (w *Worker) Work(ctx context.Context, message []byte) error {
	var ref Ref
	err := json.Unmarshal(message, &ref)
	switch {
	case err == nil && ref.OrgID != "" && ref.SendID != "":
		return w.endSend(ctx, ref)
	case err != nil || ref.OrgID == "" || ref.ConnectionID == "":
	case ref.UpdateID != "":
		return w.file(ctx, ref)
	case ref.ChatID != "":
		return w.chat(ctx, ref)
	case ref.Verify != nil:
		return w.verify(ctx, ref, *ref.Verify)
	}
	return fmt.Errorf("the message names no work: %.200q", message)
}

// wake wakes a worker for a chat, an update or a send after a delay.
func (w *Worker) wake(ctx context.Context, r Ref, after time.Duration) {
	Wake(ctx, w.Workers, r, after)
}

// chat takes a lease on a chat and one of the org's slots, and works until nothing is left to
// do now.
func (w *Worker) chat(ctx context.Context, ref Ref) error {
	c, err := w.Store.ClaimChat(ctx, ref, uuid.NewString(), w.Now(), w.Now().Add(LeaseTime))
	if err != nil || c == nil {
		return err
	}
	slot, free, err := w.Store.ClaimSlot(ctx, work.Place{OrgID: ref.OrgID, Stage: work.Chats}, w.Now(), w.Now().Add(work.SlotTime))
	if err != nil {
		return err
	}
	if !free {
		wait := work.StandBack(w.Now().Sub(c.FirstPending), rand.Float64())
		if _, err := w.Store.RestChat(ctx, *c, w.Now().Add(wait)); err != nil {
			return err
		}
		w.wake(ctx, ref, wait)
		return nil
	}
	lease := work.Lease{
		Slots: w.Store, Slot: slot, Time: LeaseTime, Now: w.Now,
		Renew: func(ctx context.Context, until time.Time) (bool, error) {
			kept, err := w.Store.KeepChat(ctx, *c, until)
			return kept != nil, err
		},
	}
	defer lease.Keep(ctx)()
	return w.workOn(ctx, *c)
}

// reserve is the time that a step of a chat may need at the end of a function's time: turns
// end by themselves before it.
const reserve = 30 * time.Second

// workOn makes one step of a chat after the other, until none is left or one must wait.
func (w *Worker) workOn(ctx context.Context, c Chat) error {
	for {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < reserve {
			return w.rest(ctx, c, w.Now())
		}
		var again time.Time
		var err error
		switch {
		case len(c.Outbox) > 0:
			again, err = w.send(ctx, c)
		case c.Run != nil:
			again, err = w.run(ctx, c)
		case c.Pending > 0 && c.QuietUntil.After(w.Now()):
			again = c.QuietUntil
			return w.rest(ctx, c, again)
		case c.Pending > 0:
			again, err = w.run(ctx, c)
		default:
			rested, err := w.Store.RestChat(ctx, c, time.Time{})
			if err != nil || rested {
				return err
			}
		}
		if err != nil {
			return err
		}
		if !again.IsZero() {
			if err := w.Store.FailChat(ctx, c, again); err != nil {
				return err
			}
			w.wake(ctx, c.Ref, again.Sub(w.Now()))
			return nil
		}
		now, err := w.Store.KeepChat(ctx, c, w.Now().Add(LeaseTime))
		if err != nil || now == nil {
			return err
		}
		c = *now
	}
}

// rest releases a chat until a time.
func (w *Worker) rest(ctx context.Context, c Chat, again time.Time) error {
	if _, err := w.Store.RestChat(ctx, c, again); err != nil {
		return err
	}
	w.wake(ctx, c.Ref, again.Sub(w.Now()))
	return nil
}
