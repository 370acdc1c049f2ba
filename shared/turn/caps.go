package turn

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

// A version may cap its turns. A turn that reaches a cap ends there like any interrupted one:
// it is settled for what it produced. The cap of credits lowers the output limit of each call
// of the model, so that the turn cannot cost more; the cap of rounds asks the model for an
// answer without tools; the cap of time ends the turn's context.

// ErrCapped is wrapped by the error of a turn that reached a cap of its agent. Trying the turn
// again would reach it again.
var ErrCapped = errors.New("the turn reached a cap")

// capped returns the error of a turn that reached a cap. It names the setting.
func capped(setting string, value any) error {
	return fault.New(fault.Conflict, "The turn reached a limit of its agent: caps.%s is %v", setting, value).Because(ErrCapped)
}

// errTime is the cause of a context that the cap of time has ended.
var errTime = errors.New("the turn reached its cap of time")

// rounds returns how many rounds of tool calls the turn may have.
func (a *admitted) rounds() int {
	if most := a.live.Settings.Caps.Rounds; most != nil {
		return min(*most, maxRounds)
	}
	return maxRounds
}

// tooManyRounds returns the error of a model that asked for tools once more. An agent without
// this cap has the deployment's: an internal error would make clients try again and pay again.
func (a *admitted) tooManyRounds() error { return capped("rounds", a.rounds()) }

// output returns the output limit of one call of the model, in tokens.
func (a *admitted) output() int {
	return min(cmp.Or(a.live.Settings.MaxOutputTokens, maxOutput), maxOutput)
}

// affordable returns the output limit of a call for which the cap of credits leaves room, at
// most output. used is the turn's usage with the call's input.
func (a *admitted) affordable(used model.Usage) int {
	most := a.output()
	if credits := a.live.Settings.Caps.Credits; credits > 0 {
		most = min(most, a.prices.Affordable(credits, used))
	}
	return most
}

// tooExpensive returns the error of an answer for which the cap of credits leaves no room.
func (a *admitted) tooExpensive() error {
	return capped("credits", a.live.Settings.Caps.Credits.Number())
}

// charge returns what a usage costs, at most the cap: a provider may disregard its output
// limit.
func (a *admitted) charge(used model.Usage) ledger.Credits {
	cost := a.prices.Charge(used)
	if credits := a.live.Settings.Caps.Credits; credits > 0 {
		cost = min(cost, credits)
	}
	return cost
}

// timed returns a context that ends at the cap of time.
func (a *admitted) timed(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	most := a.live.Settings.Caps.Time
	if most <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, most-now.Sub(a.turn.StartedAt), errTime)
}

// tooLong replaces the error of a turn whose context the cap of time has ended.
func (a *admitted) tooLong(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errTime) {
		return err
	}
	return a.tooSlow()
}

func (a *admitted) tooSlow() error {
	return capped("seconds", int(a.live.Settings.Caps.Time/time.Second))
}
