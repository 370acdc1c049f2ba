package ledger_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/flaky"
)

var races = flag.Int("races", 3, "how many concurrent histories to check for linearizability")

const (
	workers  = 16
	perEach  = 6 // turns of each worker
	allTurns = workers * perEach
	covered  = 10 // holds that the balance covers at a time
)

// linearState is the state of an account in a sequence of calls.
type linearState struct {
	available ledger.Credits
	turns     [allTurns]int32 // the state of each, see below
}

const (
	unopened = iota
	opened
	released
	charged // the settled charge is added to this value
)

// linearCall is an operation. Its result is a linearResult, nil if the caller died before
// the answer.
type linearCall struct {
	kind   string // hold, settle, release, read
	turn   int
	charge ledger.Credits
}

type linearResult struct {
	refused   bool // hold: credits are missing; settle: the turn was released
	charge    ledger.Credits
	available ledger.Credits // hold: after it; read
	open      []int          // hold: after it; read
	later     bool           // hold: the two are read some time after it
}

var linearModel = porcupine.Model{
	Init: func() any { return linearState{available: covered * ledger.DefaultHold} },
	Step: func(state, input, output any) (bool, any) {
		s, _ := state.(linearState)
		in, _ := input.(linearCall)
		out, known := output.(*linearResult)
		if !known {
			out = nil
		}
		return s.step(in, out)
	},
}

// step applies a call to the model of an account. It reports whether the observed result is
// the expected one; an unknown result is always accepted.
func (s linearState) step(c linearCall, got *linearResult) (bool, linearState) {
	want := linearResult{}
	switch c.kind {
	case "hold":
		if s.available < ledger.DefaultHold {
			want.refused = true
			break
		}
		s.available -= ledger.DefaultHold
		s.turns[c.turn] = opened
		want.available, want.open = s.available, s.open()
	case "release":
		if s.turns[c.turn] == opened {
			s.available += ledger.DefaultHold
			s.turns[c.turn] = released
		}
	case "settle":
		switch now := s.turns[c.turn]; {
		case now == opened:
			want.charge = min(c.charge, s.available+ledger.DefaultHold)
			s.available += ledger.DefaultHold - want.charge
			s.turns[c.turn] = charged + int32(want.charge)
		case now >= charged:
			want.charge = ledger.Credits(now - charged)
		default:
			want.refused = true
		}
	case "read":
		want.available, want.open = s.available, s.open()
	}
	switch {
	case got == nil:
		return true, s
	case got.refused != want.refused || got.charge != want.charge:
		return false, s
	}
	return got.later || got.available == want.available && slices.Equal(got.open, want.open), s
}

func (s linearState) open() []int {
	var open []int
	for i, now := range s.turns {
		if now == opened {
			open = append(open, i)
		}
	}
	return open
}

// 16 workers hold, settle, release and read one account at the same time, and some die
// in the middle of a call. Their results are linearizable.
func TestLedger_Linearizable(t *testing.T) {
	table := dynamotest.Open(t)
	seed := *firstSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	for round := range uint64(*races) {
		history := race(t, table, rand.New(rand.NewPCG(seed, round)))
		result := porcupine.CheckOperationsTimeout(linearModel, history, time.Minute)
		unknown := 0
		for _, o := range history {
			if o.Output == (*linearResult)(nil) {
				unknown++
			}
		}
		t.Logf("%d calls, %d of them with an unknown result: %s", len(history), unknown, result)
		if result != porcupine.Ok {
			t.Fatalf("history %d: got %s after a minute, want linearizable", round, result)
		}
		if spoiled := spoil(history); porcupine.CheckOperationsTimeout(linearModel, spoiled, time.Minute) == porcupine.Ok {
			t.Fatal("got linearizable for a history with a wrong charge, want not")
		}
	}
}

// race runs the workers on an account and returns their calls.
func race(t *testing.T, table dynamotest.Table, random *rand.Rand) []porcupine.Operation {
	t.Helper()
	r := &racers{
		org:   table.Org(t, covered*ledger.DefaultHold, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }),
		begun: time.Now(),
	}
	for i := range r.ids {
		r.ids[i] = turn.NewID()
	}
	var wave sync.WaitGroup
	for id := range workers {
		mine := rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))
		wave.Go(func() { r.work(t, table, id, mine) })
	}
	wave.Wait()
	return r.history
}

type racers struct {
	org   string
	ids   [allTurns]string
	begun time.Time

	mu      sync.Mutex
	recent  []int // the latest opened turns
	history []porcupine.Operation
}

// work opens turns, and closes its own and those of others.
func (r *racers) work(t *testing.T, table dynamotest.Table, worker int, random *rand.Rand) {
	spoiler := &flaky.Transport{}
	store := table.Beside(dynamotest.Through(spoiler)).Store
	call := func(c linearCall) {
		fault := flaky.None
		if random.IntN(12) == 0 {
			fault = []flaky.Fault{flaky.Crashed, flaky.Widowed, flaky.Unanswered}[random.IntN(3)]
		}
		ctx, die := context.WithCancel(context.Background())
		defer die()
		spoiler.Plan(func(c flaky.Call) flaky.Fault {
			if c.N == 0 {
				return fault
			}
			return flaky.None
		}, die)
		o := porcupine.Operation{ClientId: worker, Input: c, Call: time.Since(r.begun).Nanoseconds()}
		result, err := r.make(ctx, store, c)
		o.Return = time.Since(r.begun).Nanoseconds()
		switch {
		case ctx.Err() != nil:
			// A lost call takes effect at any time from now on, or never.
			result, o.Return = nil, time.Hour.Nanoseconds()
		case err != nil:
			t.Error(err)
		default:
			// The answer to a retry describes a turn that is already open.
			result.later = c.kind == "hold" && fault == flaky.Unanswered
		}
		o.Output = result
		r.mu.Lock()
		defer r.mu.Unlock()
		r.history = append(r.history, o)
	}
	for n := range perEach {
		own := worker*perEach + n
		call(linearCall{kind: "hold", turn: own})
		for range random.IntN(3) {
			call(linearCall{kind: "read"})
		}
		for _, which := range []int{own, r.another(random, own)} {
			if random.IntN(3) == 0 {
				call(linearCall{kind: "release", turn: which})
			} else {
				call(linearCall{kind: "settle", turn: which, charge: ledger.Credits(random.Int64N(int64(ledger.DefaultHold) / 8))})
			}
		}
	}
}

// another returns a recently opened turn, or own if there is none.
func (r *racers) another(random *rand.Rand, own int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.recent) == 0 {
		return own
	}
	return r.recent[random.IntN(len(r.recent))]
}

func (r *racers) make(ctx context.Context, store *dynamo.Store, c linearCall) (*linearResult, error) {
	result := &linearResult{}
	switch c.kind {
	case "hold":
		h, err := store.Admit(ctx, turn.Admission{OrgID: r.org, KeyID: "k", TurnID: r.ids[c.turn], Kind: ledger.Hosted, At: time.Now()})
		if result.refused = fault.Is(err, fault.InsufficientCredits); err != nil {
			if result.refused {
				err = nil
			}
			return result, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.recent = append(r.recent[max(0, len(r.recent)-covered):], c.turn)
		result.available, result.open = h.Account.Available, r.indexes(h.Account)
	case "release":
		return result, store.Release(ctx, r.hold(c.turn))
	case "settle":
		h := r.hold(c.turn)
		x, err := store.Settle(ctx, &turn.Settlement{Hold: h, Turn: turn.Turn{
			ID: h.TurnID, OrgID: r.org, ThreadID: "thread-" + h.TurnID, AgentID: agentID, KeyID: "k", Channel: "test", Model: "m",
			Place: time.Now().UnixMicro(), StartedAt: time.Now(), SettledAt: time.Now(), User: "u", Assistant: "a", Charge: c.charge,
		}})
		if result.refused = fault.Is(err, fault.Conflict); err != nil {
			if result.refused {
				err = nil
			}
			return result, err
		}
		result.charge = x.Charge
	case "read":
		a, err := store.Account(ctx, r.org)
		result.available, result.open = a.Available, r.indexes(a)
		return result, err
	}
	return result, nil
}

// hold returns the hold of a turn; all holds have the same amount.
func (r *racers) hold(which int) ledger.Hold {
	return ledger.Hold{OrgID: r.org, TurnID: r.ids[which], Kind: ledger.Hosted, Amount: ledger.DefaultHold}
}

func (r *racers) indexes(a ledger.Account) []int {
	var open []int
	for i, id := range r.ids {
		if _, ok := a.Open[id]; ok {
			open = append(open, i)
		}
	}
	return open
}

// spoil returns a history in which one settlement charged a micro-credit more than
// its result says.
func spoil(history []porcupine.Operation) []porcupine.Operation {
	spoiled := slices.Clone(history)
	for i, o := range spoiled {
		if out, _ := o.Output.(*linearResult); out != nil && !out.later && len(out.open) > 0 {
			wrong := *out
			wrong.available++
			spoiled[i].Output = &wrong
			break
		}
	}
	return spoiled
}
