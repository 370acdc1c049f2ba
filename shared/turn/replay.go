package turn

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// claim claims the input's key for a turn; the result is nil without a key.
func (e *Engine) claim(ctx context.Context, in Input, turnID string, at time.Time) (*Claim, *Kept, error) {
	if in.Once == nil {
		return nil, nil, nil
	}
	c := &Claim{Key: *in.Once, TurnID: turnID, At: at, Until: at.Add(e.claimLease()), Kept: in.OnceKept}
	if in.OnceFor > 0 {
		c.Until, c.Background = at.Add(in.OnceFor), true
	}
	kept, err := e.Store.Claim(ctx, *c)
	return c, kept, err
}

func (e *Engine) claimLease() time.Duration { return cmp.Or(e.ClaimLease, 15*time.Second) }

// keepClaim renews a claim until stop is called. A turn that has lost its claim continues;
// its settlement is refused.
func (e *Engine) keepClaim(ctx context.Context, in Input, c *Claim) (stop func()) {
	if c == nil || in.OnceFor > 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		beat := time.NewTicker(e.claimLease() / 3)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			renewed := *c
			renewed.Until = e.Now().Add(e.claimLease())
			switch ours, err := e.Store.Renew(ctx, renewed); {
			case err != nil && ctx.Err() == nil:
				slog.WarnContext(ctx, "claim of an idempotency key not renewed; retrying", "turn_id", c.TurnID, "error", err)
			case err == nil && !ours:
				return
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// unclaim releases a key. If that fails, the key is free when its claim expires.
func (e *Engine) unclaim(ctx context.Context, c *Claim) {
	if c == nil {
		return
	}
	if err := e.Store.Unclaim(ctx, *c); err != nil {
		slog.WarnContext(ctx, "idempotency key not released; it is free when its claim ends", "turn_id", c.TurnID, "error", err)
	}
}

// ErrForgotten is the error of a key whose turn was deleted with its thread, even if a new
// thread has the same id.
var ErrForgotten = &fault.Error{Code: fault.NotFound, Message: thread.ErrNotFound.Message}

// replay sends the completed turn of a key to the sink.
func (e *Engine) replay(ctx context.Context, in Input, kept Kept, sink Sink) (Outcome, error) {
	org := in.Caller.OrgID
	t, err := e.Store.Thread(ctx, org, kept.ThreadID)
	if fault.Is(err, fault.NotFound) {
		return Outcome{}, ErrForgotten
	}
	if err != nil {
		return Outcome{}, err
	}
	own, err := e.Store.TurnsUpTo(ctx, t, kept.Place, 1)
	if err != nil {
		return Outcome{}, err
	}
	if len(own) == 0 || own[0].ID != kept.TurnID {
		return Outcome{}, ErrForgotten
	}
	out := Outcome{Turn: own[0], AgentID: own[0].AgentID, Replayed: true}
	if err := in.Caller.May(out.AgentID); err != nil {
		return Outcome{}, err
	}
	// Others may have settled after this turn's read and before its settlement.
	if out.Before, err = e.Store.TurnsUpTo(ctx, t, kept.Base, historyTurns); err != nil {
		return Outcome{}, err
	}
	sink.Start(Opening{
		TurnID: out.Turn.ID, ThreadID: out.Turn.ThreadID, AgentID: out.Turn.AgentID, At: out.Turn.StartedAt,
		Available: kept.Before, Hold: kept.Hold, Replayed: true,
	})
	steps(kept.Steps).tell(out.Turn, sink)
	e.report(ctx, in, &out, kept.Before)
	return out, kept.failure()
}

// failure returns the error that the turn ended with, nil if it succeeded.
func (k Kept) failure() error {
	if k.Failure == nil {
		return nil
	}
	why := fault.New(fault.Code(k.Failure.Code), "%s", k.Failure.Message)
	if why.Code == fault.InsufficientCredits {
		why.Details.Balance = k.Before.String()
	}
	return why
}

// report fills in the available balance, if the input asked for it. A failed read must not
// spoil a finished answer, so the balance is then computed from the one at admission.
func (e *Engine) report(ctx context.Context, in Input, out *Outcome, before ledger.Credits) {
	if !in.Balance {
		return
	}
	available, err := e.available(ctx, in, out.Turn)
	if err != nil {
		slog.WarnContext(ctx, "balance unavailable; reporting an estimate", "org_id", in.Caller.OrgID, "turn_id", out.Turn.ID, "error", err)
		available = before - out.Turn.Charge
	}
	out.Available = available
}

// available reads the available balance after a turn. Every replay of a key reports the
// same value.
func (e *Engine) available(ctx context.Context, in Input, t Turn) (ledger.Credits, error) {
	account, err := e.Store.Account(ctx, in.Caller.OrgID)
	if err != nil || in.Once == nil || t.ID == "" {
		return account.Available, err
	}
	return e.Store.Report(ctx, *in.Once, account.Available)
}
