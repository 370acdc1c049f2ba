package turn

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// settleTime is the longest that settlement is tried when the function has no
// deadline.
const settleTime = 20 * time.Second

// settle closes the turn: for what was produced, or for nothing when nothing
// was. It returns the settled turn, and the error that broke the answer off.
func (e *Engine) settle(ctx context.Context, a admitted, r *reply) (Outcome, error) {
	ctx, cancel := settling(ctx)
	defer cancel()

	out := Outcome{AgentID: a.live.AgentID, Before: a.before}
	err := r.err
	if err == nil || r.text.Len() > 0 {
		var failed error
		if out.Turn, failed = e.settleSurely(ctx, e.settlement(a, r)); failed != nil {
			err = failed
		}
	}
	if out.Turn.ID == "" {
		e.release(ctx, a.hold)
		e.unclaim(ctx, a.claim)
	}
	e.report(ctx, a.input, &out, a.hold.AvailableBefore())
	return out, err
}

func (e *Engine) settlement(a admitted, r *reply) Settlement {
	t := a.turn
	t.SettledAt = e.Now()
	t.Assistant = r.text.String()
	t.Tools = r.tools
	t.Usage = r.usage
	t.Estimated = r.estimated
	t.Interrupted = r.err != nil
	t.Charge = a.hold.Account.PricesOf(t.Model).Charge(r.usage)
	s := Settlement{
		Hold: a.hold, Turn: t, Thread: a.thread, Claim: a.claim,
		Record: Record{Base: t.Number - 1, Before: a.hold.AvailableBefore(), Hold: a.hold.Amount, Steps: r.steps},
	}
	if why := fault.From(r.err); why != nil {
		s.Record.Failure = &Failure{Code: string(why.Code), Message: why.Message}
	}
	return s
}

// settleSurely tries until the turn is settled, is known to be closed, or the
// time is up. Settling twice is harmless, so a lost answer is a reason to ask
// again.
func (e *Engine) settleSurely(ctx context.Context, s Settlement) (Turn, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		settled, err := e.Store.Settle(ctx, s)
		var known *fault.Error
		if err == nil || errors.As(err, &known) || ctx.Err() != nil {
			return settled, err
		}
		slog.WarnContext(ctx, "settlement is tried again", "org_id", s.Turn.OrgID, "turn_id", s.Turn.ID, "error", err)
		select {
		case <-ctx.Done():
			return Turn{}, err
		case <-time.After(wait/2 + rand.N(wait)):
		}
	}
}

// settling returns the context of a settlement: it has what is left of the
// function's time, and no client can end it.
func settling(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if limit := time.Now().Add(settleTime); !ok || limit.Before(deadline) {
		deadline = limit
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}
