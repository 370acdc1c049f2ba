// Package money_test tests the charges of turns and the turns that are kept under
// attack: overlapping turns, shared balances, providers that lie about usage, and stores
// that fail. The charges are compared with the output that a model recorded.
package money_test

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// bank is an org with a balance, and an engine whose model is the test's.
type bank struct {
	dynamotest.Table
	engine  *turn.Engine
	org     string
	balance ledger.Credits
	agent   agent.Agent
}

func newBank(t *testing.T, balance ledger.Credits, provider model.Provider, options ...dynamotest.Option) *bank {
	t.Helper()
	b := &bank{Table: dynamotest.Open(t, options...), balance: balance}
	b.org = b.Org(t, balance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	b.agent = b.Agent(t, b.org, "be brief")
	b.engine = &turn.Engine{Store: b.Store, Model: provider, DefaultModel: "test", Now: time.Now}
	return b
}

func (b *bank) ask(agentID, threadID, text string) turn.Input {
	return turn.Input{Caller: identity.Caller{OrgID: b.org, KeyID: "key"}, Agent: agentID, ThreadID: threadID, Text: text, Channel: "test"}
}

// end is the outcome of a turn.
type end struct {
	turn.Outcome
	err  error
	took time.Duration
}

// atOnce runs turns in parallel.
func (b *bank) atOnce(inputs []turn.Input) []end {
	ends := make([]end, len(inputs))
	var all sync.WaitGroup
	for i, in := range inputs {
		all.Go(func() {
			began := time.Now()
			out, err := b.engine.Run(context.Background(), in, turn.Quiet{})
			ends[i] = end{out, err, time.Since(began)}
		})
	}
	all.Wait()
	return ends
}

// admitTogether makes turns overlap: a given number is admitted before any model is
// asked.
func (b *bank) admitTogether(turns int) {
	ready := &sync.WaitGroup{}
	ready.Add(turns)
	b.engine.Store = together{b.Store, ready}
}

// wantBooks checks that no hold is open and that the balance has paid for the charges of
// all turns in the ledger, and returns their sum.
func (b *bank) wantBooks(t *testing.T) ledger.Credits {
	t.Helper()
	var paid ledger.Credits
	err := b.Store.EachEntry(context.Background(), b.org, time.Time{}, time.Now().Add(time.Hour), func(e ledger.Entry) {
		if e.Kind == ledger.Charge {
			paid -= e.Amount
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	a := b.Account(t, b.org)
	if len(a.Open) != 0 || a.Available != b.balance-paid || a.Available < 0 {
		t.Errorf("got %s available and %d open turns, want %s and 0", a.Available, len(a.Open), b.balance-paid)
	}
	return paid
}

func (b *bank) turns(t *testing.T, threadID string) []turn.Turn {
	t.Helper()
	return b.turnsAfter(t, threadID, 0)
}

func (b *bank) turnsAfter(t *testing.T, threadID string, after int64) []turn.Turn {
	t.Helper()
	var all []turn.Turn
	for {
		page, err := b.Store.TurnsAfter(context.Background(), thread.Thread{OrgID: b.org, ID: threadID}, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = all[len(all)-1].Place
	}
}

func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// together is a store that admits turns only when all turns of a group are admitted.
type together struct {
	turn.Store
	ready *sync.WaitGroup
}

func (s together) Admit(ctx context.Context, a turn.Admission) (ledger.Hold, error) {
	hold, err := s.Store.Admit(ctx, a)
	s.ready.Done()
	s.ready.Wait()
	return hold, err
}

// producer is a model that produces a fixed number of words, fewer if the output limit or the
// end of the stream's reader stops it, and records the number. A word has four bytes, so that
// usage estimates are exact.
type producer struct {
	words int

	mu       sync.Mutex
	asked    int
	produced model.Usage
}

func (p *producer) produce(req model.Request) (string, model.Usage, model.Stop) {
	words, stop := p.words, model.StopEnd
	if words > req.MaxTokens {
		words, stop = req.MaxTokens, model.StopLength
	}
	u := model.Usage{Output: words}
	for _, m := range req.Messages {
		u.Input += len(strings.Fields(m.Text))
	}
	u.Input += len(strings.Fields(req.System))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	p.produced.Input += u.Input
	return strings.TrimSpace(strings.Repeat("abc ", words)), u, stop
}

func (p *producer) told(words int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.produced.Output += words
}

func (p *producer) Converse(_ context.Context, req model.Request) (model.Reply, error) {
	text, usage, stop := p.produce(req)
	p.told(usage.Output)
	return model.Reply{Text: text, Usage: &usage, Stop: stop}, nil
}

func (p *producer) Stream(_ context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		text, usage, stop := p.produce(req)
		if !yield(model.Opened{}, nil) {
			return
		}
		for piece := range strings.SplitAfterSeq(text, " ") {
			if !yield(model.TextDelta(piece), nil) {
				return
			}
			p.told(1)
		}
		yield(model.Finished{Usage: &usage, Stop: stop}, nil)
	}
}
