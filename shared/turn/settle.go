package turn

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

const (
	// settleTime bounds the attempts at settlement, also where the function has a
	// later deadline or none.
	settleTime = 20 * time.Second

	// closeMargin is the part of the function's time that settlement leaves for
	// releasing a turn that could not be settled.
	closeMargin = 600 * time.Millisecond

	// closeTime bounds the attempts at releasing a turn.
	closeTime = 3 * time.Second
)

// settle closes the turn and charges for its output, or releases it if there is none. A
// completed model call is paid even if it only requested tools. A cancelled turn is settled
// even without output, for nothing, so that its thread and its idempotency key show what
// happened. It returns the settled turn and the error that interrupted the answer.
func (e *Engine) settle(ctx context.Context, a *admitted, r *reply) (Outcome, error) {
	out := Outcome{AgentID: a.live.AgentID, Before: a.before}
	err := r.err
	if err == nil || r.told() || r.calls > 0 || errors.Is(err, ErrCancelled) {
		settling, cancel := until(ctx, settleTime, closeMargin)
		e.cover(settling, a, r)
		var failed error
		if out.Turn, failed = e.settleSurely(settling, e.settlement(a, r)); failed != nil {
			err = failed
		}
		cancel()
	}
	closing, cancel := until(ctx, closeTime, 0)
	defer cancel()
	if out.Turn.ID == "" {
		e.close(closing, a)
	}
	e.report(closing, a.input, &out, a.gate)
	return out, err
}

// close releases the hold, the idempotency key and the claim on a thread of an unsettled
// turn.
func (e *Engine) close(ctx context.Context, a *admitted) {
	var all sync.WaitGroup
	all.Go(func() { e.release(ctx, a.hold) })
	if a.claim != nil {
		all.Go(func() { e.unclaim(ctx, a.claim) })
	}
	if a.threadClaim != nil {
		all.Go(func() {
			if err := e.Store.AbandonThread(ctx, *a.threadClaim); err != nil {
				slog.WarnContext(ctx, "thread not released; its claim expires", "thread_id", a.turn.ThreadID, "turn_id", a.turn.ID, "error", err)
			}
		})
	}
	all.Wait()
}

func (e *Engine) settlement(a *admitted, r *reply) *Settlement {
	t := a.turn
	t.SettledAt = e.Now()
	t.Place = max(t.SettledAt.UnixMicro(), a.last()+1)
	t.Assistant = r.text.String()
	t.Tools = r.tools
	t.Usage = r.usage
	t.Estimated = r.estimated
	t.Interrupted = r.err != nil
	if r.err == nil || r.told() || r.calls > 0 {
		t.Charge = a.charge(r.usage)
	}
	t.Calls = a.progress.calls
	t.Cancelled = errors.Is(r.err, ErrCancelled)
	s := &Settlement{
		Hold: a.hold, Turn: t, Thread: a.thread, Claim: a.claim,
		Record: Record{Base: a.last(), Before: a.gate, Hold: a.held, Steps: r.steps},
	}
	if why := fault.From(r.err); why != nil {
		s.Record.Failure = &Failure{Code: string(why.Code), Message: why.Message}
		s.Turn.Failure = s.Record.Failure
	}
	return s
}

// settleSurely retries until the turn is settled, is known to be closed or cannot be
// settled, or ctx ends. Settling is idempotent, so it also retries after a lost
// response.
func (e *Engine) settleSurely(ctx context.Context, s *Settlement) (Turn, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		settled, err := e.Store.Settle(ctx, s)
		var known *fault.Error
		if err == nil || errors.As(err, &known) || ctx.Err() != nil {
			return settled, err
		}
		slog.WarnContext(ctx, "settlement failed; retrying", "org_id", s.Turn.OrgID, "turn_id", s.Turn.ID, "error", err)
		select {
		case <-ctx.Done():
			return Turn{}, err
		case <-time.After(wait/2 + rand.N(wait)):
		}
	}
}

// until returns a context for closing a turn. It ends after the given time or a margin
// before the function's deadline, whichever is first. A client's disconnect does not
// cancel it.
func until(ctx context.Context, limit, margin time.Duration) (context.Context, context.CancelFunc) {
	end := time.Now().Add(limit)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin).Before(end) {
		end = deadline.Add(-margin)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}
