package turn_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// endless is a model that says a word at a time until its reader leaves.
type endless struct{ pause time.Duration }

func (m endless) Stream(ctx context.Context, _ model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		if !yield(model.Opened{}, nil) {
			return
		}
		for {
			select {
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-time.After(m.pause):
			}
			if !yield(model.TextDelta("word "), nil) {
				return
			}
		}
	}
}

func (m endless) Converse(ctx context.Context, _ model.Request) (model.Reply, error) {
	<-ctx.Done()
	return model.Reply{}, ctx.Err()
}

// cancelAt is a sink that cancels its turn when it starts, or after a number of deltas.
type cancelAt struct {
	turn.Quiet
	t      *testing.T
	m      *turn.Monitor
	caller identity.Caller
	after  int
	id     string
	deltas int
}

func (s *cancelAt) Start(o turn.Opening) {
	s.id = o.TurnID
	if s.after == 0 {
		s.cancel()
	}
}

func (s *cancelAt) Delta(string) {
	if s.deltas++; s.deltas == s.after {
		s.cancel()
	}
}

func (s *cancelAt) cancel() {
	if _, err := s.m.Cancel(context.Background(), nil, s.caller, s.id); err != nil {
		s.t.Errorf("cancel: %v", err)
	}
}

func (r *rig) monitor() *turn.Monitor { return &turn.Monitor{Store: r.Store, Now: time.Now} }

func (r *rig) manager() identity.Caller { return identity.Caller{OrgID: r.org, KeyID: "manager"} }

// wantPaid checks that the account holds nothing, and that its balance is less by the charge.
func (r *rig) wantPaid(t *testing.T, before, charge ledger.Credits) {
	t.Helper()
	account, err := r.Store.Account(context.Background(), r.org)
	if err != nil {
		t.Fatal(err)
	}
	if len(account.Open) != 0 || account.Available != before-charge {
		t.Errorf("got %s available and holds %v, want %s and none", account.Available, account.Open, before-charge)
	}
}

func TestCancel_SettlesWhatWasProduced(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.LookEvery = endless{time.Millisecond}, 20*time.Millisecond
	s := &cancelAt{t: t, m: r.monitor(), caller: r.manager(), after: 3}
	out, err := r.engine.Run(context.Background(), r.input("hi"), s)
	if !errors.Is(err, turn.ErrCancelled) {
		t.Fatalf("got error %v, want %v", err, turn.ErrCancelled)
	}
	got := out.Turn
	if !got.Cancelled || !got.Interrupted || !strings.HasPrefix(got.Assistant, "word word word ") || got.Charge == 0 {
		t.Errorf("got %+v, want a cancelled and paid turn with the text so far", got)
	}
	r.wantPaid(t, ledger.Credit, got.Charge)

	state, err := r.monitor().Get(context.Background(), r.manager(), got.ID)
	if err != nil || state.Status() != turn.Cancelled || state.Turn.Assistant != got.Assistant || state.Turn.Failure == nil {
		t.Errorf("got %+v, %v; want the cancelled turn", state, err)
	}
	if _, err := r.monitor().Cancel(context.Background(), nil, r.manager(), got.ID); err != nil {
		t.Errorf("cancelled again: got %v, want the same answer", err)
	}
}

// A turn that was cancelled before it produced anything is settled for nothing.
func TestCancel_WithoutOutput(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.LookEvery = endless{time.Hour}, 20*time.Millisecond
	out, err := r.engine.Run(context.Background(), r.input("hi"), &cancelAt{t: t, m: r.monitor(), caller: r.manager()})
	if !errors.Is(err, turn.ErrCancelled) || !out.Turn.Cancelled || out.Turn.Charge != 0 || out.Turn.Assistant != "" {
		t.Fatalf("got %+v, %v; want a cancelled turn without a charge", out.Turn, err)
	}
	r.wantPaid(t, ledger.Credit, 0)
}

func TestCancel_WholeAnswer(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.LookEvery = endless{time.Hour}, 20*time.Millisecond
	in := r.input("hi")
	in.Whole, in.Once = true, r.once(t, "k", "x")
	ended := make(chan error, 1)
	go func() {
		_, err := r.engine.Run(context.Background(), in, turn.Quiet{})
		ended <- err
	}()
	id := r.firstOpen(t)
	if _, err := r.monitor().Cancel(context.Background(), nil, r.manager(), id); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, turn.ErrCancelled) {
		t.Fatalf("got %v, want %v", err, turn.ErrCancelled)
	}
	// A retry gets the same answer, and asks no model.
	in.Once = r.once(t, "k", "x")
	out, err := r.engine.Run(context.Background(), in, turn.Quiet{})
	if !out.Replayed || !out.Turn.Cancelled || !fault.Is(err, fault.Conflict) || fault.From(err).Message != turn.ErrCancelled.Message {
		t.Errorf("replayed: got %+v, %v; want the cancelled turn", out, err)
	}
}

// firstOpen returns the id of the org's open turn, as soon as there is one.
func (r *rig) firstOpen(t *testing.T) string {
	t.Helper()
	for {
		open, err := r.Store.OpenTurns(t.Context(), r.org)
		if err != nil {
			t.Fatal(err)
		}
		for id := range open {
			return id
		}
	}
}

// slowTools has one tool, which answers when its call is given up.
type slowTools struct{ called atomic.Int32 }

func (*slowTools) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "slow", Schema: []byte(`{"type":"object"}`)}}, nil
}

func (s *slowTools) Call(ctx context.Context, _ agent.Live, _ string, _ model.ToolCall) (string, error) {
	s.called.Add(1)
	<-ctx.Done()
	return "", ctx.Err()
}

// A cancelled turn ends its tool call, runs no further one, and pays for the call of the model.
func TestCancel_DuringTool(t *testing.T) {
	r := newRig(t, ledger.Credit)
	tools := &slowTools{}
	r.engine.Toolbox, r.engine.LookEvery = tools, 20*time.Millisecond
	ended := make(chan turn.Outcome, 1)
	go func() {
		out, _ := r.engine.Run(context.Background(), r.input(`[[tool slow {}]] [[tool slow {"at":2}]]`), turn.Quiet{})
		ended <- out
	}()
	id := r.firstOpen(t)
	if _, err := r.monitor().Cancel(context.Background(), nil, r.manager(), id); err != nil {
		t.Fatal(err)
	}
	got := (<-ended).Turn
	if n := tools.called.Load(); n > 1 {
		t.Errorf("got %d calls of the tool, want at most one", n)
	}
	if !got.Cancelled {
		t.Errorf("got %+v, want a cancelled turn", got)
	}
	r.wantPaid(t, ledger.Credit, got.Charge)
}

// Only a turn of its agent obeys a bound key, and its caller learns nothing of other turns.
func TestCancel_BoundKey(t *testing.T) {
	r := newRig(t, ledger.Credit)
	other := r.Agent(t, r.org, "another")
	r.engine.Model, r.engine.LookEvery = endless{10 * time.Millisecond}, 20*time.Millisecond
	ended := make(chan error, 1)
	go func() {
		_, err := r.engine.Run(context.Background(), r.input("hi"), turn.Quiet{})
		ended <- err
	}()
	id := r.firstOpen(t)
	bound := func(agentID string) identity.Caller {
		return identity.Caller{OrgID: r.org, KeyID: "bound", AgentID: agentID}
	}
	if _, err := r.monitor().Cancel(context.Background(), nil, bound(other.ID), id); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another agent's key: got %v, want Forbidden", err)
	}
	if _, err := r.monitor().Get(context.Background(), bound(other.ID), id); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another agent's key reads: got %v, want Forbidden", err)
	}
	if _, err := r.monitor().Cancel(context.Background(), nil, identity.Caller{OrgID: r.Org(t, ledger.Credit), KeyID: "k"}, id); !errors.Is(err, turn.ErrNoTurn) {
		t.Errorf("another org's key: got %v, want %v", err, turn.ErrNoTurn)
	}
	select {
	case err := <-ended:
		t.Fatalf("got the turn ended with %v, want it running", err)
	default:
	}
	if _, err := r.monitor().Cancel(context.Background(), nil, bound(r.agent.ID), id); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, turn.ErrCancelled) {
		t.Errorf("got %v, want %v", err, turn.ErrCancelled)
	}
}

func TestCancel_EndedAndUnknown(t *testing.T) {
	r := newRig(t, ledger.Credit)
	settled, _, err := r.run("hi")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.monitor().Cancel(context.Background(), nil, r.manager(), settled.ID); !errors.Is(err, turn.ErrEnded) {
		t.Errorf("settled: got %v, want %v", err, turn.ErrEnded)
	}
	for _, id := range []string{turn.NewIDAt(time.Now().Add(-time.Hour)), turn.NewIDAt(time.Now().Add(time.Hour)), "b0c4d5d6-6a56-4b27-9c86-2b3b6a9b0a11", "x"} {
		if _, err := r.monitor().Cancel(context.Background(), nil, r.manager(), id); !errors.Is(err, turn.ErrNoTurn) {
			t.Errorf("%s: got %v, want %v", id, err, turn.ErrNoTurn)
		}
	}
}

// Cancellations and settlements race: each turn is settled once, and the account pays for what its
// row says.
func TestCancel_RacesSettlement(t *testing.T) {
	const balance = 1000 * ledger.Credit
	r := newRig(t, balance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	r.engine.LookEvery = 5 * time.Millisecond
	var paid ledger.Credits
	ended := map[bool]int{}
	for i := range *races {
		r.engine.Model = endless{time.Millisecond}
		if i%2 == 0 {
			r.engine.Model = finite{words: 1 + rand.IntN(12), pause: time.Millisecond}
		}
		s := &racing{cancelAt: cancelAt{t: t, m: r.monitor(), caller: r.manager()}, wait: rand.N(20 * time.Millisecond)}
		out, err := r.engine.Run(context.Background(), r.input("hi"), s)
		if s.ended != nil {
			<-s.ended
		}
		if out.Turn.ID == "" || out.Turn.Cancelled != errors.Is(err, turn.ErrCancelled) || err != nil && !out.Turn.Cancelled {
			t.Fatalf("%d: got %+v, %v; want a settled turn", i, out.Turn, err)
		}
		ended[out.Turn.Cancelled]++
		paid += out.Turn.Charge
	}
	t.Logf("%d cancelled, %d settled before that", ended[true], ended[false])
	r.wantPaid(t, balance, paid)
	var charged ledger.Credits
	charges := 0
	now := time.Now()
	err := r.Store.EachEntry(context.Background(), r.org, now.Add(-time.Hour), now.Add(time.Hour), func(e ledger.Entry) {
		if e.Kind == ledger.Charge {
			charged -= e.Amount
			charges++
		}
	})
	if err != nil || charges != *races || charged != paid {
		t.Errorf("got %d charges of %s, %v; want %d of %s", charges, charged, err, *races, paid)
	}
}

// racing cancels its turn some time after its start, from another goroutine.
type racing struct {
	cancelAt
	wait  time.Duration
	ended chan struct{}
}

func (s *racing) Start(o turn.Opening) {
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		<-time.After(s.wait)
		_, err := s.m.Cancel(context.Background(), nil, s.caller, o.TurnID)
		if err != nil && !errors.Is(err, turn.ErrEnded) {
			s.t.Errorf("cancel: got %v, want success or %v", err, turn.ErrEnded)
		}
	}()
}

func (*racing) Delta(string) {}

// finite is a model that says a number of words.
type finite struct {
	words int
	pause time.Duration
}

func (m finite) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		said := 0
		for event, err := range (endless{m.pause}).Stream(ctx, req) {
			if !yield(event, err) || err != nil {
				return
			}
			if _, ok := event.(model.TextDelta); ok {
				if said++; said == m.words {
					yield(model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 1, Output: said}}, nil)
					return
				}
			}
		}
	}
}

func (finite) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{}, fmt.Errorf("not streamed")
}
