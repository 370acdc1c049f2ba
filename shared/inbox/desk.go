package inbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// Desk is where people of the business work on threads of channels: they write to the contact,
// and take a thread over from the agent or hand it back.
type Desk struct {
	Store   DeskStore
	Workers func(connection.Channel) work.Queue
	Now     func() time.Time
}

// DeskStore keeps what people change.
type DeskStore interface {
	Viewer
	Connection(ctx context.Context, orgID, id string) (connection.Connection, error)

	// ChangeThread applies a patch to the thread of a view. The error is thread.ErrNotFound
	// or ErrNoChat if the thread or its chat is gone.
	ChangeThread(ctx context.Context, once *idempotency.Change, v View, p ThreadPatch) (View, error)

	// AddWritten adds a note to a thread, and a reply with its text to the chat's outbox, in
	// one transaction. It sets the place of the note and the id of the reply. The error is
	// ErrOutboxFull if MaxOutbox replies wait.
	AddWritten(ctx context.Context, once *idempotency.Change, w Written) (Written, error)
}

// Written is a message that a person of the business wrote.
type Written struct {
	Note  turn.Turn
	Reply Reply
}

// Message returns the message as the thread shows it.
func (w Written) Message() thread.Message { return w.Note.Messages()[0] }

// ThreadPatch is a change of a thread. Nil fields stay as they are.
type ThreadPatch struct {
	Title      *string
	HandedOver *bool
}

// The reasons for which nothing can be written to a contact.
var (
	ErrNoChannel       = fault.New(fault.Conflict, "The thread belongs to no channel, so there is nobody to write to")
	ErrNoSuchChannel   = fault.New(fault.Conflict, "The connection of the thread was deleted, so nothing can be sent in it")
	ErrChannelDisabled = fault.New(fault.Conflict, "The connection of the thread is disabled: set its status to active first")
	ErrOptedOut        = fault.New(fault.Conflict, "The person does not want to receive messages: set opted_out of the contact to false once the person agrees")
	ErrWindowClosed    = fault.New(fault.Conflict, "The person has not written for 24 hours, so the channel allows no free text, and the connection has no fallback_template")
	ErrLongSilence     = fault.New(fault.Conflict, "The person has not written for seven days, so the channel allows no message")
	ErrNoTemplates     = fault.New(fault.Conflict, "The person has not written for 24 hours, so the channel allows no free text, and does not want templates")
	ErrOutboxFull      = fault.New(fault.Conflict, "The person has %d messages that wait to be sent; write again when some have left", MaxOutbox)
	ErrNoHandover      = fault.New(fault.Conflict, "The thread belongs to no channel, so it cannot be handed over")
)

// Write sends a person's text to the contact of a thread. It is in the thread at once; a worker
// sends it. by is the id of the person's user or key.
func (d *Desk) Write(ctx context.Context, once *idempotency.Change, orgID, by, threadID, text string) (Written, error) {
	v, err := Look(ctx, d.Store, orgID, threadID)
	if err != nil {
		return Written{}, err
	}
	if v.Chat == nil || v.Contact == nil {
		return Written{}, ErrNoChannel
	}
	if err := d.reachable(ctx, v); err != nil {
		return Written{}, err
	}
	now := d.Now()
	w, err := d.Store.AddWritten(ctx, once, Written{
		Note: turn.Turn{
			ID: turn.NewIDAt(now), OrgID: orgID, ThreadID: threadID, AgentID: v.Thread.AgentID, KeyID: by,
			Channel: string(v.Chat.Channel), Note: true, Author: turn.Person, Assistant: text,
		},
		Reply: Reply{
			Ref: v.Chat.Ref, ThreadID: threadID, Human: true, Mail: head(*v.Chat), Parts: []Part{{Text: text}}, CreatedAt: now,
		},
	})
	if err != nil {
		return Written{}, err
	}
	Wake(ctx, d.Workers(v.Chat.Channel), v.Chat.Ref, 0)
	return w, nil
}

// reachable returns the reason for which a text would not reach the contact, or nil.
func (d *Desk) reachable(ctx context.Context, v View) error {
	c, err := d.Store.Connection(ctx, v.Chat.OrgID, v.Chat.ConnectionID)
	switch {
	case fault.Is(err, fault.NotFound):
		return ErrNoSuchChannel
	case err != nil:
		return err
	case c.Disabled:
		return ErrChannelDisabled
	case v.Contact.OptedOut:
		return ErrOptedOut
	case len(v.Chat.Outbox) >= MaxOutbox:
		return ErrOutboxFull
	case !v.Contact.ClosedToPeople(d.Now()):
		return nil
	case c.Channel == connection.Instagram || c.Channel == connection.Messenger:
		return ErrLongSilence
	case c.Settings.Fallback == nil:
		return ErrWindowClosed
	case v.Contact.NoTemplates:
		return ErrNoTemplates
	}
	return nil
}

// Update applies a patch to a thread. After a hand-back, the agent answers the messages that
// still wait.
func (d *Desk) Update(ctx context.Context, once *idempotency.Change, orgID, threadID string, p ThreadPatch) (View, error) {
	v, err := Look(ctx, d.Store, orgID, threadID)
	if err != nil {
		return View{}, err
	}
	if p.HandedOver != nil && v.Chat == nil {
		return View{}, ErrNoHandover
	}
	if v, err = d.Store.ChangeThread(ctx, once, v, p); err != nil {
		return View{}, err
	}
	if p.HandedOver != nil && !*p.HandedOver {
		Wake(ctx, d.Workers(v.Chat.Channel), v.Chat.Ref, v.Chat.QuietUntil.Sub(d.Now()))
	}
	return v, nil
}

// Wake wakes a worker for a chat after a delay. The sweep replaces a lost message.
func Wake(ctx context.Context, workers work.Queue, r Ref, after time.Duration) {
	after = min(max(after, 0), work.MaxDelay)
	if err := workers.Send(ctx, work.Message{Body: r, After: after}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a chat; the sweep will wake one", "org_id", r.OrgID, "chat_id", r.ChatID, "error", err)
	}
}
