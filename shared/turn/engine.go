package turn

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/recall"
)

const (
	// stopMargin is reserved for settlement before the function's deadline.
	stopMargin = 2 * time.Second

	// quiet is the interval at which a stream is checked for silence. A stream is
	// silent for less than twice that, which is below the 10 s that we promise.
	quiet = 4 * time.Second

	historyTurns = 50      // 100 messages
	historyBytes = 200_000 // well inside the smallest context window in use
	maxOutput    = agent.MaxOutputTokens
)

// Runner runs turns. Engine implements it.
type Runner interface {
	// Run is documented with Engine.
	Run(ctx context.Context, in Input, sink Sink) (Outcome, error)
}

// Engine runs turns on a store and a model provider.
type Engine struct {
	Store        Store
	Model        model.Provider // the deployment's
	Own          Providers      // of agents whose provider is the org's own; nil: there are none
	DefaultModel string         // for agents without a model of their own
	Toolbox      Toolbox
	Now          func() time.Time

	// ClaimLease is how long a turn keeps its idempotency key without renewing the
	// claim: the key of a turn that died is free afterwards. 0 means 15 s.
	ClaimLease time.Duration

	// LookEvery is the interval at which a turn looks for its cancellation. 0 means the
	// constant LookEvery.
	LookEvery time.Duration

	// ownKey caches whether an agent uses the org's own provider key, by id or slug:
	// admission runs beside the read of the agent. A wrong guess costs one more
	// admission.
	ownKey recall.Memory[bool]

	// windows caches the context size of each model whose server has refused a too long
	// request, by the model's name (see known).
	windows recall.Memory[window]

	// reasons caches, by name, which models have reported reasoning tokens (see grows).
	reasons recall.Memory[bool]

	// blind caches, by name, which models have refused images (see canSee).
	blind recall.Memory[bool]

	// ready caches agents that can run turns, by org and id or slug.
	ready recall.Rows[agent.Live]
}

// admitted is a turn between admission and settlement.
type admitted struct {
	input       Input
	live        agent.Live
	before      []Turn
	gate        ledger.Credits // available at admission
	held        ledger.Credits // the hold that admission took
	hold        ledger.Hold    // the current hold, with extensions
	provider    model.Provider // set when the answer begins
	prices      ledger.Prices  // of the turn's model, at admission
	thread      ThreadChange
	threadClaim *ThreadClaim // nil: no claim on a thread
	claim       *Claim       // nil: no idempotency key
	turn        Turn
	progress    *progress
	capped      bool // the cap of credits set the output limit of the latest call
}

// last returns the place of the thread's last turn at admission.
func (a *admitted) last() int64 { return Conversation{Turns: a.before}.Last() }

// Run takes a turn from admission to settlement. An error before sink.Start means that
// nothing was charged or stored. An error after it explains why the answer is incomplete;
// the turn is settled for the part that was produced.
// If the idempotency key has completed a turn already, Run replays that turn and charges
// nothing.
func (e *Engine) Run(ctx context.Context, in Input, sink Sink) (Outcome, error) {
	work, cancel := detach(ctx)
	defer cancel()

	at := e.Now()
	ask := Admission{OrgID: in.Caller.OrgID, KeyID: in.Caller.ID(), TurnID: NewIDAt(at), At: at, Balance: in.Balance, Counted: in.Counted}
	claim, kept, err := e.claim(work, in, ask.TurnID, ask.At)
	switch {
	case err != nil:
		return Outcome{}, err
	case kept != nil:
		return e.replay(work, in, *kept, sink)
	}
	a, err := e.admit(work, in, ask)
	if err != nil {
		closing, cancel := until(ctx, closeTime, 0)
		defer cancel()
		e.unclaim(closing, claim)
		return Outcome{AgentID: a.live.AgentID}, err
	}
	a.claim = claim
	defer e.keepClaim(work, in, claim)() // a panic must end the renewal, too
	answering, stop := e.heed(work, a)
	defer stop()
	r := e.answer(answering, a, sink)
	stop()
	return e.settle(ctx, a, r)
}

// detach returns a context that the client's disconnect does not cancel. It ends before
// the function's deadline, early enough to settle.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	work := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(work, deadline.Add(-stopMargin))
	}
	return context.WithCancel(work)
}
