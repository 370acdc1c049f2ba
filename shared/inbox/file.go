package inbox

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// file files a received update, and works on the chat that it changed or wakes a worker for it.
func (w *Worker) file(ctx context.Context, ref Ref) error {
	r, err := w.Store.Received(ctx, ref)
	if err != nil || r == nil {
		return err
	}
	c, err := w.Store.Connection(ctx, r.OrgID, r.ConnectionID)
	if fault.Is(err, fault.NotFound) {
		slog.WarnContext(ctx, "update of a deleted connection dropped", "org_id", r.OrgID, "connection_id", r.ConnectionID, "update_id", r.UpdateID)
		return w.Store.File(ctx, *r, Names{}, func(Found) (Filing, error) { return Filing{}, nil })
	}
	if err != nil {
		return err
	}
	switch u := r.Update; {
	case u.Message != nil:
		return w.fileMessage(ctx, c, *r, *u.Message)
	case u.Identity != nil:
		return w.fileIdentity(ctx, c, *r, *u.Identity)
	case u.Preference != nil:
		return w.filePreference(ctx, *r, *u.Preference)
	case u.Status != nil:
		return w.fileStatus(ctx, *r, *u.Status)
	case u.Correction != nil:
		return w.fileCorrection(ctx, *r, *u.Correction)
	}
	return w.Store.File(ctx, *r, Names{}, func(Found) (Filing, error) { return Filing{}, nil })
}

// fileMessage appends a message to its chat. A new person becomes a contact.
func (w *Worker) fileMessage(ctx context.Context, c connection.Connection, r Received, m channel.Inbound) error {
	names := Names{Aliases: Aliases(m.From)}
	if m.Mail != nil {
		names.Parents, names.ChatID = parents(*m.Mail), m.Mail.Token
	}
	pause := time.Duration(c.Settings.QuietSeconds) * time.Second
	var chat Chat
	err := w.Store.File(ctx, r, names, func(f Found) (Filing, error) {
		contact, owns := f.identify(m.From, clamp(m.At, r.At), newContact(c, w.Now()))
		contact = contact.seen(m, r.At)
		chat = Chat{Ref: Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID, ChatID: contact.ID}, ContactID: contact.ID}
		switch {
		case f.Chat != nil && f.Chat.ContactID == contact.ID:
			chat = *f.Chat
		case m.Mail != nil: // it continues no other mail of this person
			var begins bool
			if contact, begins = contact.begin(w.Now()); begins {
				chat.ChatID = uuid.Must(uuid.NewV7()).String()
			} // else the mails beyond the limit share the chat that has the contact's id
		}
		if m.Mail != nil {
			chat.Mail = m.Mail
		}
		chat.QuietUntil = chat.quietUntil(pause, w.Now())
		return Filing{Contact: &contact, Ownership: owns, Chat: &chat, Message: &Pending{Message: m, At: r.At}}, nil
	})
	if err != nil || chat.ChatID == "" {
		return err
	}
	if wait := chat.QuietUntil.Sub(w.Now()); wait > 0 {
		w.wake(ctx, chat.Ref, wait)
		return nil
	}
	return w.chat(ctx, chat.Ref)
}

// maxParents is how many earlier mails a mail is looked for by. Programs keep the first reference
// and the latest ones, and ours is among them: an answer names the mail that it answers.
const maxParents = 20

// parents returns the ids of the mails that a mail continues, the surest first: those that it
// answers, and its references from the latest to the first. Of too many it leaves out those in the
// middle of the conversation: anybody can write a mail with hundreds, and each is a read.
func parents(m channel.Mail) []string {
	all := []string{}
	add := func(id string) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	for _, id := range m.InReplyTo[:min(len(m.InReplyTo), maxParents/2)] {
		add(id)
	}
	for _, id := range slices.Backward(m.References) {
		if len(all) == maxParents-1 {
			add(m.References[0])
			break
		}
		add(id)
	}
	return all
}

// fileIdentity gives a contact the ids that the person has now. It starts no turn, and the
// window does not move. A person who was not known becomes a contact, because the report may
// overtake messages under the former ids: without it, they would be somebody else's.
func (w *Worker) fileIdentity(ctx context.Context, c connection.Connection, r Received, change channel.IdentityChange) error {
	names := Names{Aliases: append(Aliases(change.Before), Aliases(change.After)...)}
	return w.Store.File(ctx, r, names, func(f Found) (Filing, error) {
		contact, chat, others := newContact(c, w.Now()), (*Chat)(nil), slices.Clone(f.Others)
		switch {
		case f.Contact == nil:
		case f.byNumber() && f.Contact.differs(change.Before) && f.Contact.differs(change.After):
			others = append(others, Owner{*f.Contact, f.Chat})
		default:
			contact, chat = *f.Contact, f.Chat
		}
		at := clamp(change.At, r.At)
		contact, owns := contact.own(change.After, change.Before, at, chat, others)
		contact = contact.meet(change.After, at)
		// The next owner of the former number may have it already.
		former := slices.DeleteFunc(Aliases(change.Before), func(name string) bool { return owns.taken(name, others) })
		owns.Aliases = append(former, owns.Aliases...)
		return Filing{Contact: &contact, Ownership: owns}, nil
	})
}

// filePreference records whether a person wants templates.
func (w *Worker) filePreference(ctx context.Context, r Received, p channel.Preference) error {
	return w.Store.File(ctx, r, Names{Aliases: Aliases(p.Person)}, func(f Found) (Filing, error) {
		if f.Contact == nil {
			return Filing{}, nil
		}
		contact := *f.Contact
		if contact.Channel == connection.Email {
			contact = contact.complain(p, r.At)
		} else {
			contact.NoTemplates = p.OptedOut
		}
		return Filing{Contact: &contact}, nil
	})
}

// complain returns the contact after a complaint about our mail, unless the person opted in later.
func (c Contact) complain(p channel.Preference, arrived time.Time) Contact {
	if at := clamp(p.At, arrived); p.OptedOut && !at.Before(c.ConsentAt) {
		c.OptedOut, c.ConsentAt = true, at
	}
	return c
}

// fileStatus applies a status whose message was not found when it arrived.
func (w *Worker) fileStatus(ctx context.Context, r Received, s channel.Status) error {
	if s.Ref == "" && s.MessageID == "" && !s.UpTo.IsZero() {
		return w.fileWatermark(ctx, r, s)
	}
	found, err := w.settleStatus(ctx, r.Ref, s)
	if err != nil {
		return err
	}
	if !found && s.Ref != "" {
		var wait time.Duration
		if found, wait, err = w.settleTemplate(ctx, r, s); err != nil {
			return err
		}
		if wait > 0 {
			w.wake(ctx, r.Ref, wait)
			return nil
		}
	}
	if !found {
		slog.InfoContext(ctx, "status of an unknown message dropped", "org_id", r.OrgID, "connection_id", r.ConnectionID, "update_id", r.UpdateID)
	}
	return w.Store.File(ctx, r, Names{}, func(Found) (Filing, error) { return Filing{}, nil })
}

// settleStatus applies a status, and wakes a worker if a template should follow.
func (w *Worker) settleStatus(ctx context.Context, of Ref, s channel.Status) (found bool, err error) {
	settled, err := w.Store.SettleStatus(ctx, of, s)
	if settled.Chat != nil {
		w.wake(ctx, *settled.Chat, 0)
	}
	return settled.Found, err
}

// fileCorrection changes or blanks a message that was stored before. A message that still
// waits is answered as it is now; an answered one causes no further turn. A correction may
// overtake its message, or arrive while a worker handles it; then it waits.
func (w *Worker) fileCorrection(ctx context.Context, r Received, c channel.Correction) error {
	if c.Withdrawn {
		c.Text = withdrawn
	}
	at := c.At
	if at.IsZero() {
		at = r.At
	}
	result, err := w.Store.Correct(ctx, r, MessageUpdateID(c.MessageID), c.Text, at)
	if err != nil || result == MessageCorrected {
		return err
	}
	age := w.Now().Sub(r.At)
	if result == MessageUnknown && age > longestOvertaking {
		slog.InfoContext(ctx, "correction of an unknown message dropped", "org_id", r.OrgID, "connection_id", r.ConnectionID, "update_id", r.UpdateID)
		return w.Store.File(ctx, r, Names{}, func(Found) (Filing, error) { return Filing{}, nil })
	}
	w.wake(ctx, r.Ref, max(settleLater, age/2))
	return nil
}

// longestOvertaking is how long a correction waits for its message.
const longestOvertaking = time.Hour

// withdrawn replaces the text of a message that its author withdrew.
const withdrawn = "[message withdrawn]"
