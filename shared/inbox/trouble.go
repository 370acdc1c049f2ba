package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// backoffs are the waits after failures in a row. The last one repeats.
var backoffs = []time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute}

// backoff returns how long to wait after a number of failures before this one.
func backoff(tries int) time.Duration { return backoffs[min(tries, len(backoffs)-1)] }

// disabledWait is the pause before a disabled connection is looked at again.
const disabledWait = 10 * time.Minute

// Worth is how long a message is worth answering, and an answer worth sending.
const Worth = 24 * time.Hour

// worthless reports whether it is too late to answer messages.
func (w *Worker) worthless(c connection.Connection, contact Contact, taken []Pending) bool {
	latest := taken[len(taken)-1].At
	return !w.Now().Before(latest.Add(Worth)) || contact.Closed(w.Now()) && c.Settings.Fallback == nil
}

// troubles are the problems of a connection that the failures of turns cause, and the number of
// failures in a row before that.
var troubles = map[fault.Code]struct {
	code, action string
	after        int
}{
	fault.InsufficientCredits: {connection.NoCredits, "Top up the organisation's credits; what is not older than a day is answered then.", 0},
	fault.NotDeployed:         {connection.AgentNotDeployed, "Deploy a version of the agent; what is not older than a day is answered then.", 0},
	fault.LimitReached:        {connection.LimitReached, "Raise the organisation's monthly limit, or wait for the next month.", 0},
	fault.ModelRefused:        {connection.ModelRefused, "Choose a model in the agent's settings that the provider allows.", 0},
	fault.ModelUnavailable:    {connection.ModelUnavailable, "Nothing; the turn is tried again until the model answers.", 2},
	fault.Internal:            {connection.ModelUnavailable, "Nothing; the turn is tried again. If this lasts, read the logs of the worker.", 2},
}

// maxFailures is how many turns in a row may fail with an Internal error, which takes about an
// hour and a half. After that the messages are given up: later ones wait behind them.
const maxFailures = 12

// failed handles a turn that failed without an answer. It returns when to try again. What
// cannot be answered any more, or never, is recorded only.
func (w *Worker) failed(ctx context.Context, chat Chat, c connection.Connection, contact Contact, taken []Pending, cause error) (time.Time, error) {
	now := w.Now()
	if errors.Is(cause, idempotency.ErrRunning) {
		return now.Add(LeaseTime), nil // an earlier attempt of the run has the key
	}
	if errors.Is(cause, turn.ErrForgotten) { // the turn has settled, and its thread was deleted
		return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken})
	}
	f := fault.From(cause)
	trouble, temporary := troubles[f.Code]
	switch {
	case f.Code == fault.Conflict && !errors.Is(cause, turn.ErrCapped) && !w.worthless(c, contact, taken): // another worker has the run, or its hold was released
		return now.Add(LeaseTime), nil
	case f.Code == fault.RateLimited && !w.worthless(c, contact, taken):
		return now.Add(max(f.RetryAfter, time.Second)), nil
	case temporary && !w.worthless(c, contact, taken) && (f.Code != fault.Internal || chat.Tries < maxFailures):
		if chat.Tries >= trouble.after {
			w.report(ctx, c, connection.Problem{Code: trouble.code, Message: f.Shown(), Action: trouble.action, Since: now})
		}
		slog.WarnContext(ctx, "turn of a chat failed; it is tried again", "org_id", chat.OrgID, "chat_id", chat.ChatID, "tries", chat.Tries, "error", cause)
		return now.Add(max(f.RetryAfter, backoff(chat.Tries))), nil
	}
	slog.ErrorContext(ctx, "messages stay unanswered", "org_id", chat.OrgID, "chat_id", chat.ChatID, "messages", len(taken), "error", cause)
	return time.Time{}, w.finish(ctx, chat, Ending{Taken: taken, Note: unanswered(chat, c, taken, f.Shown())})
}

// report marks a connection as needing attention. A failure is logged only: the next attempt
// reports it again.
func (w *Worker) report(ctx context.Context, c connection.Connection, p connection.Problem) {
	if err := w.Store.ReportProblem(ctx, c.OrgID, c.ID, c.Credentials, p); err != nil {
		slog.ErrorContext(ctx, "the problem of a connection was not stored", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
	}
}

// reportFailure reports a failed send that concerns the connection.
func (w *Worker) reportFailure(ctx context.Context, c connection.Connection, f *channel.SendError) {
	if p, ok := f.Problem(w.Now()); ok {
		w.report(ctx, c, p)
	}
}

// solved removes the problem of a connection whose turn has succeeded, if a turn caused it.
func (w *Worker) solved(ctx context.Context, c connection.Connection) {
	for _, trouble := range troubles {
		if c.Problem != nil && c.Problem.Code == trouble.code {
			w.solve(ctx, c)
			return
		}
	}
}

func (w *Worker) solve(ctx context.Context, c connection.Connection) {
	if err := w.Store.SolveProblem(ctx, c.OrgID, c.ID, c.Problem.Code); err != nil {
		slog.ErrorContext(ctx, "the problem of a connection was not removed", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
	}
}
