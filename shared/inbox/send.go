package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// send sends the open parts of a chat's first reply. It returns when to try again if the
// provider cannot take them now.
func (w *Worker) send(ctx context.Context, chat Chat) (again time.Time, err error) {
	id, late := strings.CutSuffix(chat.Outbox[0], lateTemplate)
	r, err := w.Store.Reply(ctx, chat, id)
	if err != nil {
		return time.Time{}, err
	}
	if r == nil {
		return time.Time{}, w.Store.CompleteReply(ctx, chat, chat.Outbox[0])
	}
	c, err := w.Store.Connection(ctx, chat.OrgID, chat.ConnectionID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return time.Time{}, err
	}
	gone := err != nil
	contact, err := w.Store.Contact(ctx, chat.OrgID, chat.ContactID)
	if err != nil {
		return time.Time{}, err
	}
	if err := w.prepare(ctx, c, r, late && !gone && !contact.OptedOut); err != nil {
		return time.Time{}, err
	}
	for {
		if err := w.giveUpLost(ctx, r); err != nil {
			return time.Time{}, err
		}
		n, open := r.next()
		if !open {
			if r, err = w.complete(ctx, chat, *r); err != nil || r == nil {
				return time.Time{}, err
			}
			continue
		}
		switch {
		case gone:
			err = w.fail(ctx, r, 0, "The connection was deleted before the message was sent")
		case contact.OptedOut:
			err = w.fail(ctx, r, 0, optedOut)
		case !w.Now().Before(r.CreatedAt.Add(Worth)):
			err = w.fail(ctx, r, 0, "The message could not be sent for a day")
		case c.Disabled:
			return w.Now().Add(disabledWait), nil
		case c.Problem != nil && !c.Problem.Passes():
			return w.Now().Add(disabledWait), nil
		case r.Parts[n].Template == nil && (contact.ClosedToPeople(w.Now()) || !r.Human && contact.Closed(w.Now())):
			err = w.fallBack(ctx, c, r, n)
		default:
			again, err = w.sendPart(ctx, chat, c, contact, r, n)
		}
		if err != nil || !again.IsZero() {
			return again, err
		}
	}
}

// complete takes a reply, or its late template, out of the outbox, unless a worker whose lease has ended began one of
// its parts meanwhile. Then it returns the reply as it is stored.
func (w *Worker) complete(ctx context.Context, chat Chat, r Reply) (*Reply, error) {
	stored, err := w.Store.Reply(ctx, chat, r.ID)
	if err != nil || stored != nil && !stored.ended() {
		return stored, err
	}
	return nil, w.Store.CompleteReply(ctx, chat, chat.Outbox[0])
}

// prepare makes the parts of a reply: the messages of a person's text, and the template that
// follows a text.
func (w *Worker) prepare(ctx context.Context, c connection.Connection, r *Reply, template bool) error {
	if template {
		return w.addTemplate(ctx, c, r)
	}
	return w.split(ctx, r)
}

// split cuts the text of a person of the business, or of an automation, into messages of the
// channel. The function that accepted it knows no provider.
func (w *Worker) split(ctx context.Context, r *Reply) error {
	if !r.Human && !r.Unsplit || !r.untouched() || len(r.Parts) != 1 || r.Parts[0].Template != nil {
		return nil
	}
	texts := w.Providers(r.Channel).Split(r.Parts[0].Text)
	if len(texts) < 2 {
		return nil
	}
	parts := make([]Part, 0, len(texts))
	for _, text := range texts {
		parts = append(parts, Part{Text: text})
	}
	if err := w.Store.ReplaceParts(ctx, *r, parts); err != nil {
		return err
	}
	r.Parts = parts
	return nil
}

// giveUpLost marks parts as lost whose attempt ended without an outcome: this worker has the
// lease, so the one that sent them is dead. A later status still settles them.
func (w *Worker) giveUpLost(ctx context.Context, r *Reply) error {
	for n, p := range r.Parts {
		if p.State != channel.Sending {
			continue
		}
		p.State, p.At, p.Reason = channel.Lost, w.Now(), lost
		if ours, err := w.finishPart(ctx, r, n, p); err != nil || !ours {
			return err // the reply has changed, so send looks at it again
		}
	}
	return nil
}

// sendPart sends one part. Its outcome is stored even if the client of the function is gone.
func (w *Worker) sendPart(ctx context.Context, chat Chat, c connection.Connection, contact Contact, r *Reply, n int) (again time.Time, err error) {
	account, err := w.Accounts.Open(ctx, c)
	if err != nil {
		return time.Time{}, err
	}
	p := r.Parts[n]
	p.Attempt, p.At, p.State = uuid.NewString(), w.Now(), channel.Sending
	ours, err := w.Store.BeginPart(ctx, *r, n, p.Attempt, p.At)
	if err != nil {
		return time.Time{}, err
	}
	if !ours {
		return time.Time{}, fmt.Errorf("another worker sends part %d of reply %s", n, r.ID)
	}
	r.Parts[n] = p
	out := channel.Outgoing{
		To: contact.Person, Text: p.Text, Template: p.Template, Human: r.Human, Late: contact.Closed(w.Now()), ReplyTo: r.ReplyTo, Mail: r.Mail,
		Ref: PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: n}.String(),
	}
	if p.Template != nil {
		out.Text = ""
	}
	receipt, sendErr := w.Providers(c.Channel).Send(ctx, account, out)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return w.settle(ctx, chat, c, r, n, receipt, sendErr)
}

// settleTime bounds the writes after a send.
const settleTime = 10 * time.Second

// settle records the outcome of a part's attempt.
func (w *Worker) settle(ctx context.Context, chat Chat, c connection.Connection, r *Reply, n int, receipt channel.Receipt, cause error) (again time.Time, err error) {
	p := r.Parts[n]
	p.At = w.Now()
	if cause == nil {
		p.State, p.MessageID = channel.Sent, receipt.MessageID
		if c.Problem.SolvedBySend(w.Now()) {
			w.solve(ctx, c)
		}
		_, err = w.finishPart(ctx, r, n, p)
		return time.Time{}, err
	}
	f, known := errors.AsType[*channel.SendError](cause)
	if !known {
		f = &channel.SendError{Kind: channel.Unknown, Message: "The provider's answer was lost", Err: cause}
	}
	slog.WarnContext(ctx, "message not sent", "org_id", r.OrgID, "connection_id", r.ConnectionID, "reply_id", r.ID, "part", n, "error", cause)
	p.Code, p.Reason = f.Code, f.Reason()
	switch f.Kind {
	case channel.Throttled, channel.Unsent:
		w.reportFailure(ctx, c, f)
		if f.Kind == channel.Unsent && chat.Tries >= 2 {
			w.report(ctx, c, connection.Problem{Code: connection.ProviderUnavailable, Message: f.Message, Action: "Nothing; messages are sent when the provider answers again.", Since: w.Now()})
		}
		_, err = w.takeBack(ctx, r, n, p)
		return w.Now().Add(max(f.RetryAfter, backoff(chat.Tries))), err
	case channel.Stopped:
		w.reportFailure(ctx, c, f)
		_, err = w.takeBack(ctx, r, n, p)
		return w.Now().Add(disabledWait), err
	case channel.WindowClosed:
		if ours, err := w.takeBack(ctx, r, n, p); err != nil || !ours {
			return time.Time{}, err
		}
		return time.Time{}, w.fallBack(ctx, c, r, n)
	case channel.Unknown:
		p.State = channel.Lost
		_, err = w.finishPart(ctx, r, n, p)
		return time.Time{}, err
	}
	p.State = channel.Failed
	if ours, err := w.finishPart(ctx, r, n, p); err != nil || !ours {
		return time.Time{}, err // the provider has the message, in spite of its response
	}
	if f.OptedOut {
		if _, err := w.Store.UpdateContact(ctx, nil, chat.OrgID, chat.ContactID, ContactPatch{OptedOut: new(true)}); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, w.fail(ctx, r, f.Code, f.Reason()) // the rest would fail in the same way, or make no sense alone
}

// fallBack replaces a reply outside the window by the connection's template, once. Parts that
// were sent stay as they are, and the others fail.
func (w *Worker) fallBack(ctx context.Context, c connection.Connection, r *Reply, n int) error {
	if c.Settings.Fallback == nil || !r.untouched() || r.Parts[n].Template != nil {
		return w.fail(ctx, r, 0, channel.WindowClosedReason)
	}
	parts := []Part{{Text: r.Parts[0].Text, Template: c.Settings.Fallback}}
	if err := w.Store.ReplaceParts(ctx, *r, parts); err != nil {
		return err
	}
	r.Parts = parts
	return nil
}

// addTemplate adds the connection's template to a reply that the provider accepted, and refused
// in a later status because the window was closed. A reply has at most one template.
func (w *Worker) addTemplate(ctx context.Context, c connection.Connection, r *Reply) error {
	if c.Settings.Fallback == nil || !r.WantsTemplate(channel.WindowClosed) || !w.Now().Before(r.CreatedAt.Add(Worth)) {
		return nil
	}
	if err := w.fail(ctx, r, 0, channel.WindowClosedReason); err != nil {
		return err
	}
	p := Part{Template: c.Settings.Fallback}
	if err := w.Store.AddPart(ctx, *r, p); err != nil {
		return err
	}
	r.Parts = append(r.Parts, p)
	return nil
}

// fail marks all open parts as failed.
func (w *Worker) fail(ctx context.Context, r *Reply, code int, reason string) error {
	for n, p := range r.Parts {
		if !p.Open() {
			continue
		}
		p.State, p.Code, p.Reason, p.At = channel.Failed, code, reason, w.Now()
		if ours, err := w.finishPart(ctx, r, n, p); err != nil || !ours {
			return err // the reply has changed, so send looks at it again
		}
	}
	return nil
}

// finishPart stores the outcome of a part. It reports false if the store refuses it, because a
// status or another attempt was faster; then the reply is as it is stored.
func (w *Worker) finishPart(ctx context.Context, r *Reply, n int, p Part) (bool, error) {
	ours, err := w.Store.FinishPart(ctx, *r, n, p)
	return w.changed(ctx, r, n, p, ours, err)
}

// takeBack makes a part open again. It reports false like finishPart.
func (w *Worker) takeBack(ctx context.Context, r *Reply, n int, p Part) (bool, error) {
	ours, err := w.Store.TakeBackPart(ctx, *r, n, p.Attempt)
	p.State, p.Attempt, p.Code, p.Reason = "", "", 0, ""
	return w.changed(ctx, r, n, p, ours, err)
}

// changed makes a reply the same as in the store, which has taken or refused a part.
func (w *Worker) changed(ctx context.Context, r *Reply, n int, p Part, ours bool, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	if ours {
		r.Parts[n] = p
		return true, nil
	}
	stored, err := w.Store.Reply(ctx, Chat{Ref: r.Ref}, r.ID)
	switch {
	case err != nil:
	case stored == nil: // it was erased
		r.Parts = nil
	default:
		*r = *stored
	}
	return false, err
}
