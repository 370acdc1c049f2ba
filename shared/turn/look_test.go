package turn_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// between returns the distinct store calls after the model was asked and before the settlement.
func (r *rig) between() []string {
	r.trace.mu.Lock()
	defer r.trace.mu.Unlock()
	var calls []string
	for _, e := range r.trace.events[slices.Index(r.trace.events, "start"):] {
		if _, operation, ok := strings.Cut(e, ":"); ok {
			calls = append(calls, operation)
		}
	}
	slices.Sort(calls[:len(calls)-1])
	return slices.Compact(calls)
}

// A long turn that nobody watches only reads, and publishes its progress only while somebody watches.
func TestLook_StoreCalls(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.LookEvery = finite{words: 20, pause: 5 * time.Millisecond}, 10*time.Millisecond
	r.trace.reset(0)
	if _, _, err := r.run("hi"); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(r.between(), " "), "GetItem TransactWriteItems"; got != want {
		t.Errorf("unwatched: got %s, want %s", got, want)
	}
	now := time.Now()
	if _, err := r.Store.WatchTurns(t.Context(), r.org, now, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.trace.reset(0)
	if _, _, err := r.run("hi"); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(r.between(), " "), "GetItem UpdateItem TransactWriteItems"; got != want {
		t.Errorf("watched: got %s, want %s", got, want)
	}
}

// blind is a store that cannot be looked at.
type blind struct{ turn.Store }

func (blind) Look(context.Context, string) (turn.Wish, error) {
	return turn.Wish{}, errors.New("no answer")
}

func TestLook_FailureDoesNotHarmTheTurn(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Store = blind{r.Store}
	r.engine.Model, r.engine.LookEvery = finite{words: 5, pause: 5 * time.Millisecond}, time.Millisecond
	if got, _, err := r.run("hi"); err != nil || got.Interrupted {
		t.Errorf("got %+v, %v; want a complete turn", got, err)
	}
}

// watcher is a sink that reads its turn when it has received some text.
type watcher struct {
	turn.Quiet
	deltas int
	read   func(id string)
	id     string
}

func (s *watcher) Start(o turn.Opening) { s.id = o.TurnID }

func (s *watcher) Delta(string) {
	if s.deltas++; s.deltas == 3 {
		s.read(s.id)
	}
}

// A running turn is listed and read with what it has cost so far, which is not more than it holds.
func TestMonitor_RunningTurn(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.LookEvery = finite{words: 5, pause: time.Millisecond}, 20*time.Millisecond
	s := &watcher{read: func(id string) {
		got, err := r.monitor().Get(context.Background(), r.manager(), id)
		if err != nil || got.Status() != turn.Running || got.Turn.ThreadID != r.thread.ID || got.Turn.AgentID != r.agent.ID || got.Turn.User != "" ||
			got.Turn.Usage.Output == 0 || !got.Turn.Estimated || got.Turn.Charge == 0 || got.Turn.Charge > got.Held {
			t.Errorf("got %+v, %v; want the running turn with its cost", got, err)
		}
		page, more, err := r.monitor().List(context.Background(), r.org, "", 10)
		if err != nil || more || len(page) != 1 || page[0].Turn.ID != id || page[0].Turn.Charge == 0 {
			t.Errorf("got %+v, %t, %v; want the running turn", page, more, err)
		}
	}}
	out, err := r.engine.Run(context.Background(), r.input("hi"), s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.monitor().Get(context.Background(), r.manager(), out.Turn.ID)
	if err != nil || got.Status() != turn.Settled || got.Turn.Charge != out.Turn.Charge || got.Turn.Calls != nil {
		t.Errorf("got %+v, %v; want the settled turn without stored calls", got, err)
	}
}

// quickTools has one tool, which answers at once.
type quickTools struct{}

func (quickTools) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "look", Schema: []byte(`{"type":"object"}`)}}, nil
}

func (quickTools) Call(context.Context, agent.Live, string, model.ToolCall) (string, error) {
	return "seen", nil
}

// The record of a turn that used tools has its calls of the model, whose usage adds up to the turn's.
func TestMonitor_StepsOfTools(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Toolbox = quickTools{}
	settled, _, err := r.run(`[[tool look {}]] [[tool look {"at":2}]]`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.monitor().Get(context.Background(), r.manager(), settled.ID)
	if err != nil {
		t.Fatal(err)
	}
	var sum model.Usage
	tools := 0
	for _, c := range got.Turn.Calls {
		sum.Input += c.Usage.Input
		sum.Output += c.Usage.Output
		tools += c.Tools
	}
	if len(got.Turn.Calls) != 2 || tools != len(got.Turn.Tools) || sum != got.Turn.Usage {
		t.Errorf("got calls %+v and %d tools, want two calls with the usage %+v", got.Turn.Calls, len(got.Turn.Tools), got.Turn.Usage)
	}
}

// The list pages through the open turns of all parts of an account and of both kinds, newest first.
func TestMonitor_ListPages(t *testing.T) {
	r := newRig(t, 100*ledger.Credit, func(a *ledger.Account) { a.Shards = 3 })
	now := time.Now()
	var want []string
	for i := range 7 {
		id := turn.NewIDAt(now.Add(time.Duration(i) * time.Millisecond))
		kind := ledger.Hosted
		if i%2 == 0 {
			kind = ledger.OwnKey
		}
		if _, err := r.Store.Admit(t.Context(), turn.Admission{OrgID: r.org, KeyID: "key", TurnID: id, Kind: kind, At: now}); err != nil {
			t.Fatal(err)
		}
		want = append([]string{id}, want...)
	}
	var got []string
	last := ""
	for more := true; more; {
		var page []turn.State
		var err error
		if page, more, err = r.monitor().List(t.Context(), r.org, last, 3); err != nil || len(page) == 0 {
			t.Fatalf("got %v, %v; want a page", page, err)
		}
		for _, s := range page {
			got = append(got, s.Turn.ID)
		}
		last = got[len(got)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A turn whose function died can be cancelled as often as one likes. The sweep releases it.
func TestCancel_DeadTurn(t *testing.T) {
	r := newRig(t, ledger.Credit)
	began := time.Now().Add(-ledger.HoldLife - time.Minute)
	id := turn.NewIDAt(began)
	if _, err := r.Store.Admit(t.Context(), turn.Admission{OrgID: r.org, KeyID: "key", TurnID: id, At: began}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s, err := r.monitor().Cancel(t.Context(), nil, r.manager(), id); err != nil || s.Status() != turn.Running {
			t.Fatalf("got %+v, %v; want a running turn", s, err)
		}
	}
	if released, err := r.Store.Sweep(t.Context(), time.Now()); err != nil || released != 1 {
		t.Fatalf("got %d released holds, %v; want one", released, err)
	}
	if _, err := r.monitor().Cancel(t.Context(), nil, r.manager(), id); !errors.Is(err, turn.ErrNoTurn) {
		t.Errorf("got %v, want %v", err, turn.ErrNoTurn)
	}
	r.wantPaid(t, ledger.Credit, 0)
}

// runaway is a model that always asks for a tool.
type runaway struct{}

func (runaway) Stream(_ context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		input := fmt.Sprintf(`{"at":%d}`, len(req.Messages))
		_ = yield(model.ToolCall{ID: "call", Name: "look", Input: []byte(input)}, nil) &&
			yield(model.Finished{Stop: model.StopTools, Usage: &model.Usage{Input: 100, Output: 5}}, nil)
	}
}

func (runaway) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{}, errors.New("not streamed")
}

// A loop that reached its cap shows as failed, with the cap and what it cost.
func TestMonitor_RunawayLoop(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.configure(t, func(s *agent.Settings) { s.Caps.Rounds = new(2) })
	r.engine.Model, r.engine.Toolbox = runaway{}, quickTools{}
	settled, _, err := r.run("hi")
	if err == nil {
		t.Fatal("got no error, want the cap")
	}
	got, err := r.monitor().Get(context.Background(), r.manager(), settled.ID)
	if err != nil || got.Status() != turn.Failed || got.Turn.Failure == nil || !strings.Contains(got.Turn.Failure.Message, "caps.rounds is 2") ||
		got.Turn.Charge == 0 || len(got.Turn.Calls) != 3 || len(got.Turn.Tools) != 2 {
		t.Errorf("got %+v, %v; want a failed and charged turn of three calls and two tools", got, err)
	}
	r.wantPaid(t, ledger.Credit, got.Turn.Charge)
}
