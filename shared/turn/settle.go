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
func (e *Engine) settle(ctx context.Context, a admitted, r *reply) (Turn, error) {
	ctx, cancel := settling(ctx)
	defer cancel()

	if r.err != nil && r.text.Len() == 0 {
		e.release(ctx, a.hold)
		return Turn{}, r.err
	}
	t := a.turn
	t.SettledAt = e.Now()
	t.Assistant = r.text.String()
	t.Tools = r.tools
	t.Usage = r.usage
	t.Estimated = r.estimated
	t.Interrupted = r.err != nil
	t.Charge = a.hold.Account.Prices.Charge(r.usage)

	settled, err := e.settleSurely(ctx, a, t)
	if err != nil {
		return Turn{}, err
	}
	return settled, r.err
}

// settleSurely tries until the turn is settled, is known to be closed, or the
// time is up. Settling twice is harmless, so a lost answer is a reason to ask
// again.
func (e *Engine) settleSurely(ctx context.Context, a admitted, t Turn) (Turn, error) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		settled, err := e.Store.Settle(ctx, a.hold, t)
		var known *fault.Error
		if err == nil || errors.As(err, &known) || ctx.Err() != nil {
			return settled, err
		}
		slog.WarnContext(ctx, "settlement is tried again", "org_id", t.OrgID, "turn_id", t.ID, "error", err)
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
