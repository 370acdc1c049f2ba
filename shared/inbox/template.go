package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Templates adds the templates that an API sends to the threads of their recipients, so that an
// answer has its context. It is the channel.Threads of WhatsApp.
type Templates struct {
	Store TemplateStore
	Now   func() time.Time
}

// TemplateStore keeps templates in threads.
type TemplateStore interface {
	// ContactNamed returns the contact of a connection who has a name, or ErrNoContact.
	ContactNamed(ctx context.Context, of Ref, name string) (Contact, error)

	// JoinTemplate stores the outcome of a send, with a note and a reply in the thread of the
	// recipient, in one transaction. decide is documented with Files.File. A send that is
	// not Sending any more is left alone. The part of the reply is found by the provider's
	// id and by that of the send.
	JoinTemplate(ctx context.Context, s channel.Send, names Names, decide func(Found) (Joining, error)) error
}

// OptedOut reports whether the person with a number wants no messages over a connection.
func (t *Templates) OptedOut(ctx context.Context, orgID, connectionID, to string) (bool, error) {
	of := Ref{OrgID: orgID, Channel: connection.WhatsApp, ConnectionID: connectionID}
	contact, err := t.Store.ContactNamed(ctx, of, numberAlias(to))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return contact.OptedOut, err
}

// Joining is what a template changes beside its send.
type Joining struct {
	Contact Contact
	Ownership
	Chat    Chat
	Note    turn.Turn
	Visitor json.RawMessage // of a thread that the template starts
	Reply   Reply           // the store sets its id
}

// Join adds a template to the thread of its recipient. The window does not move: it opens when
// the person writes.
func (t *Templates) Join(ctx context.Context, s channel.Send, r channel.Receipt) error {
	person := channel.Person{Address: cmp.Or(r.ContactID, s.To), UserID: r.UserID}
	aliases := append(Aliases(person), Aliases(channel.Person{Address: s.To})...)
	c := connection.Connection{ID: s.ConnectionID, OrgID: s.OrgID, Channel: connection.WhatsApp}
	return t.Store.JoinTemplate(ctx, s, Names{Aliases: aliases}, func(f Found) (Joining, error) {
		now := t.Now()
		fresh := newContact(c, now)
		fresh.Name = s.Name
		contact, owns := f.identify(person, now, fresh)
		owns.Aliases = aliases // the person may have another number than the one that was written to
		contact = contact.meet(person, contact.IDsAt)
		ref := Ref{OrgID: s.OrgID, Channel: c.Channel, ConnectionID: s.ConnectionID, ChatID: contact.ID}
		threadID := ThreadID(s.AgentID, ref)
		return Joining{
			Contact: contact, Ownership: owns, Chat: Chat{Ref: ref, ContactID: contact.ID},
			Visitor: visitor(contact),
			Note: turn.Turn{
				ID: turn.NewIDAt(now), OrgID: s.OrgID, ThreadID: threadID, AgentID: s.AgentID, KeyID: s.ConnectionID,
				Channel: string(c.Channel), Note: true, Author: turn.Template, Assistant: clip.Text(s.Text, turn.MaxText),
				Automation: s.Automation,
			},
			Reply: Reply{Ref: ref, ThreadID: threadID, CreatedAt: s.At, Parts: []Part{templatePart(s, r, now)}},
		}, nil
	})
}

// templatePart returns the delivery state of a template that was sent, or may have been.
func templatePart(s channel.Send, r channel.Receipt, now time.Time) Part {
	p := Part{
		Template: &connection.Template{Name: s.Template}, State: s.State, Attempt: s.Attempt, MessageID: r.MessageID, At: now,
	}
	if s.State == channel.Lost {
		p.Reason = lost
	}
	return p
}

// lost is the reason of a part whose outcome is unknown.
const lost = "The outcome of the send is unknown; it is not sent again"

// settleTemplate applies a status to a template whose process died before it stored an outcome:
// the template joins its thread as lost, and the status settles it. While the process may still
// be alive it returns how long to wait.
func (w *Worker) settleTemplate(ctx context.Context, r Received, status channel.Status) (found bool, wait time.Duration, err error) {
	s, err := w.Store.Send(ctx, r.OrgID, status.Ref)
	if err != nil || s == nil || s.State != channel.Sending || s.ConnectionID != r.ConnectionID {
		return false, 0, err
	}
	if wait, err = w.giveUpSend(ctx, *s); err != nil || wait > 0 {
		return false, wait, err
	}
	found, err = w.settleStatus(ctx, r.Ref, status)
	return found, 0, err
}

// giveUpSend has a template whose process died join its thread as lost. While the process may
// still be alive it returns how long to wait. If the thread refuses the template, the outcome is
// stored alone.
func (w *Worker) giveUpSend(ctx context.Context, s channel.Send) (wait time.Duration, err error) {
	if left := s.At.Add(channel.SendTime).Sub(w.Now()); left > 0 {
		return left, nil
	}
	s.State = channel.Lost
	templates := Templates{Store: w.Store, Now: w.Now}
	err = templates.Join(ctx, s, channel.Receipt{})
	if err != nil && !fault.Is(err, fault.Internal) {
		slog.ErrorContext(ctx, "a template is not in the thread of its recipient", "org_id", s.OrgID, "send_id", s.ID, "error", err)
		return 0, w.Store.FinishSend(ctx, s)
	}
	return 0, err
}

// endSend ends a send that the sweep found without an outcome.
func (w *Worker) endSend(ctx context.Context, ref Ref) error {
	s, err := w.Store.Send(ctx, ref.OrgID, ref.SendID)
	if err != nil || s == nil || s.State != channel.Sending {
		return err
	}
	wait, err := w.giveUpSend(ctx, *s)
	if wait > 0 {
		w.wake(ctx, ref, wait)
	}
	return err
}
