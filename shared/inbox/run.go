package inbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// claimTime is the duration of a turn's claim on its key without renewal. It expires before
// the chat's lease, so that the next worker does not wait twice.
const claimTime = 10 * time.Second

// run handles the messages that wait in a chat: one turn answers them, or they are only
// recorded. It returns when to try again after a failure.
func (w *Worker) run(ctx context.Context, chat Chat) (again time.Time, err error) {
	c, err := w.Store.Connection(ctx, chat.OrgID, chat.ConnectionID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return time.Time{}, err
	}
	gone := err != nil
	taken, err := w.taken(ctx, chat)
	switch {
	case err != nil:
		return time.Time{}, err
	case len(taken) == 0 && chat.Run != nil: // its messages were erased
		return time.Time{}, w.finish(ctx, chat, Ending{})
	case len(taken) == 0:
		slog.ErrorContext(ctx, "a chat counts messages that it does not have", "org_id", chat.OrgID, "chat_id", chat.ChatID, "messages", chat.Pending)
		return w.Now().Add(disabledWait), nil
	}
	contact, err := w.Store.Contact(ctx, chat.OrgID, chat.ContactID)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case gone:
		slog.WarnContext(ctx, "messages of a deleted connection dropped", "org_id", chat.OrgID, "connection_id", chat.ConnectionID, "messages", len(taken))
		return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken})
	case silence(chat, contact) != "":
		return w.keepSilent(ctx, chat, c, contact, taken)
	case chat.Run != nil: // a worker died in it
		return w.answer(ctx, chat, c, contact, taken)
	case c.Disabled && w.worthless(c, contact, taken):
		return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken, Note: unanswered(chat, c, taken, tooLate)})
	case c.Disabled:
		return w.Now().Add(disabledWait), nil
	}
	what := handling(taken)
	if what != channel.Record {
		if wait, err := w.paced(ctx, chat); err != nil || wait > 0 {
			return w.Now().Add(wait), err
		}
	}
	switch what {
	case channel.Answer:
		return w.answer(ctx, chat, c, contact, taken)
	case channel.Decline:
		return time.Time{}, w.decline(ctx, chat, c, taken)
	}
	return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken, Note: note(chat, c, taken)})
}

// The reasons for which the agent does not answer.
const (
	handedOver = "A person of the business answers in this thread"
	tooLate    = "The connection was disabled until it was too late to answer"
)

var optedOut = channel.ErrOptedOut.Message

// silence returns why the agent must not answer in a chat now, or an empty string.
func silence(chat Chat, contact Contact) string {
	switch {
	case contact.OptedOut:
		return optedOut
	case chat.HandedOver:
		return handedOver
	}
	return ""
}

// keepSilent records messages that the agent must not answer. If a run has begun to answer them,
// that ends the run, unless its turn has settled: then the thread has the answer already.
func (w *Worker) keepSilent(ctx context.Context, chat Chat, c connection.Connection, contact Contact, taken []Pending) (time.Time, error) {
	_, err := w.Store.FinishRun(ctx, chat, Ending{Taken: taken, Note: unanswered(chat, c, taken, silence(chat, contact))})
	if errors.Is(err, ErrSettled) {
		return w.answer(ctx, chat, c, contact, taken)
	}
	return time.Time{}, err
}

// decline answers messages that cannot be read with the connection's sentence for them.
func (w *Worker) decline(ctx context.Context, chat Chat, c connection.Connection, taken []Pending) error {
	entry := note(chat, c, taken)
	entry.Assistant = c.Settings.UnsupportedText
	return w.finish(ctx, chat, Ending{Taken: taken, Note: entry, Reply: w.reply(chat, c, entry.Assistant, "")})
}

// taken returns the messages of the run, or the next ones that fit into a turn.
func (w *Worker) taken(ctx context.Context, chat Chat) ([]Pending, error) {
	if chat.Run != nil {
		return w.Store.Taken(ctx, chat)
	}
	waiting, err := w.Store.Pending(ctx, chat, maxTaken)
	if err != nil {
		return nil, err
	}
	size := 0
	for i, p := range waiting {
		if size += len(p.Message.Text) + 1; size > turn.MaxText && i > 0 {
			return waiting[:i], nil
		}
	}
	return waiting, nil
}

// handling returns what to do with messages together. If one of them is to be answered, all
// are.
func handling(taken []Pending) channel.Handling {
	all := channel.Record
	for _, p := range taken {
		switch p.Message.Handling {
		case channel.Answer:
			return channel.Answer
		case channel.Decline:
			all = channel.Decline
		}
	}
	return all
}

// answer runs the turn for the taken messages and stores its answer as a reply.
func (w *Worker) answer(ctx context.Context, chat Chat, c connection.Connection, contact Contact, taken []Pending) (time.Time, error) {
	images, again, err := w.images(ctx, chat, c, taken)
	if err != nil || !again.IsZero() {
		return again, err
	}
	// Once a run is stored, its turn may have settled: only the turn's key knows.
	if chat.Run == nil && len(images) == 0 && wordless(taken) {
		return time.Time{}, w.decline(ctx, chat, c, taken)
	}
	if chat.Run == nil {
		run := Run{ID: uuid.NewString(), AgentID: c.AgentID}
		for _, p := range taken {
			run.Taken = append(run.Taken, p.Key)
		}
		if ours, err := w.Store.BeginRun(ctx, chat, run); err != nil || !ours {
			return time.Time{}, err
		}
		chat.Run = &run
	}
	key, err := chat.Key()
	if err != nil {
		return time.Time{}, err
	}
	in := turn.Input{
		Caller: identity.Caller{OrgID: chat.OrgID, KeyID: c.ID}, Agent: chat.Run.AgentID, ThreadID: ThreadID(chat.Run.AgentID, chat.Ref),
		Text: clip.Text(text(taken), turn.MaxText), Channel: string(c.Channel), Visitor: visitor(contact), Whole: true,
		Once: &key, OnceFor: claimTime,
	}
	in.Images = images
	stop := w.typing(ctx, c, taken)
	out, err := w.Turns.Run(ctx, in, turn.Quiet{})
	if unseen(err) && !wordless(taken) {
		in.Images = nil
		out, err = w.Turns.Run(ctx, in, turn.Quiet{})
	}
	stop()
	switch {
	case unseen(err):
		return time.Time{}, w.decline(ctx, chat, c, taken)
	case out.Turn.ID == "" && err != nil:
		return w.failed(ctx, chat, c, contact, taken, err)
	case out.Turn.Cancelled: // nothing of it is sent
		return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken, Turn: &out.Turn})
	}
	w.solved(ctx, c)
	end := Ending{Taken: taken, Turn: &out.Turn}
	if strings.TrimSpace(out.Turn.Assistant) != "" {
		end.Reply = w.reply(chat, c, form(c, out.Turn.Assistant), out.Turn.ThreadID)
		end.Reply.ID = out.Turn.Messages()[1].ID
	}
	return time.Time{}, w.finish(ctx, chat, end)
}

// finish ends a run. If its turn has settled meanwhile, the run stays, and its next attempt gets
// the answer.
func (w *Worker) finish(ctx context.Context, chat Chat, end Ending) error {
	_, err := w.Store.FinishRun(ctx, chat, end)
	if errors.Is(err, ErrSettled) {
		return nil
	}
	return err
}

// note returns the entry of a thread for messages that no turn answers.
func note(chat Chat, c connection.Connection, taken []Pending) *turn.Turn {
	return &turn.Turn{
		ID: turn.NewID(), OrgID: chat.OrgID, ThreadID: ThreadID(c.AgentID, chat.Ref), AgentID: c.AgentID, KeyID: c.ID,
		Channel: string(c.Channel), Note: true, User: clip.Text(text(taken), turn.MaxText),
	}
}

// unanswered returns the entry for messages that should be answered, and are not for a reason.
func unanswered(chat Chat, c connection.Connection, taken []Pending, why string) *turn.Turn {
	entry := note(chat, c, taken)
	if handling(taken) != channel.Record {
		entry.Unanswered = clip.Text(why, maxReason)
	}
	return entry
}

// maxReason is the longest reason in an entry, in bytes.
const maxReason = 1 << 10
