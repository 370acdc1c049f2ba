package money_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Twelve agents get a concurrent turn with the same new thread id: one agent gets the
// thread, and the turns of the others are refused before their models are asked.
func TestOverlap_AgentsWithOneNewThread(t *testing.T) {
	const agents = 12
	for round := range 5 {
		p := &counting{Provider: &producer{words: 3}}
		b := newBank(t, 100*ledger.Credit, p)
		threadID := fmt.Sprint("wanted-", round)
		var inputs []turn.Input
		for range agents {
			inputs = append(inputs, b.ask(b.Agent(t, b.org, "be brief").ID, threadID, "hi"))
		}
		b.admitTogether(agents)
		ends := b.atOnce(inputs)
		answered := 0
		for _, e := range ends {
			if e.err == nil {
				answered++
				continue
			}
			wantCode(t, e.err, fault.Forbidden)
		}
		if answered != 1 || p.asked != 1 {
			t.Errorf("got %d answers and %d asked models, want 1 and 1", answered, p.asked)
		}
		b.wantBooks(t)
		if turns := b.turns(t, threadID); len(turns) != 1 {
			t.Errorf("got %d turns in the thread, want 1", len(turns))
		}
	}
}

// counting counts the calls of a provider.
type counting struct {
	model.Provider
	mu    sync.Mutex
	asked int
}

func (c *counting) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	c.mu.Lock()
	c.asked++
	c.mu.Unlock()
	return c.Provider.Stream(ctx, req)
}

// Several turns of one agent with the same new thread id share the thread, and one of
// them is its first.
func TestOverlap_TurnsWithOneNewThread(t *testing.T) {
	const turns = 16
	p := &producer{words: 3}
	b := newBank(t, 100*ledger.Credit, p)
	b.admitTogether(turns)
	ends := b.atOnce(slices.Repeat([]turn.Input{b.ask(b.agent.ID, "shared", "hi")}, turns))
	for _, e := range ends {
		if e.err != nil {
			t.Error(e.err)
		}
	}
	all := b.turns(t, "shared")
	first := 0
	for _, x := range all {
		if x.Starts {
			first++
		}
	}
	if len(all) != turns || first != 1 {
		t.Errorf("got %d turns and %d that start the thread, want %d and 1", len(all), first, turns)
	}
	b.wantBooks(t)
}

// A turn whose model fails releases its claim on a thread: another agent may start it.
func TestOverlap_FailedTurnReleasesThread(t *testing.T) {
	b := newBank(t, 100*ledger.Credit, failing{})
	_, err := b.engine.Run(t.Context(), b.ask(b.agent.ID, "wanted", "hi"), turn.Quiet{})
	wantCode(t, err, fault.ModelUnavailable)
	p := &producer{words: 3}
	b.engine.Model = p
	if _, err := b.engine.Run(t.Context(), b.ask(b.Agent(t, b.org, "x").ID, "wanted", "hi"), turn.Quiet{}); err != nil {
		t.Error(err)
	}
	b.wantBooks(t)
}

type failing struct{ model.Provider }

func (failing) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		yield(nil, fault.New(fault.ModelUnavailable, "The model is not available"))
	}
}

// Concurrent turns on one thread, the default of AgentFlow's callers, are all paid and
// kept. Overlapping settlements need a few attempts for each turn, regardless of the
// number of turns.
func TestOverlap_TurnsOnOneThread(t *testing.T) {
	const turns = 64
	p := &producer{words: 3}
	calls := &callCounter{}
	b := newBank(t, 1000*ledger.Credit, p, dynamotest.Through(calls))
	in := b.ask(b.agent.Slug, "", "hi")
	in.Own = true
	b.admitTogether(turns)
	for _, e := range b.atOnce(slices.Repeat([]turn.Input{in}, turns)) {
		if e.err != nil {
			t.Error(e.err)
		}
	}
	if got := len(b.turns(t, thread.OwnID("key", b.agent.Slug))); got != turns {
		t.Errorf("got %d turns in the thread, want %d", got, turns)
	}
	b.wantBooks(t)
	attempts := calls.settlements.Load()
	t.Logf("%d attempts to settle %d turns", attempts, turns)
	if attempts > 5*turns {
		t.Errorf("got %d attempts to settle %d turns, want at most %d", attempts, turns, 5*turns)
	}
}

// callCounter counts the attempts to settle.
type callCounter struct{ settlements atomic.Int64 }

func (c *callCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		c.settlements.Add(1)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A reader that pages from the last turn it has seen misses none, although turns overlap
// and settle in any order.
func TestOverlap_PagingReader(t *testing.T) {
	const turns = 96
	p := &producer{words: 1}
	b := newBank(t, 1000*ledger.Credit, p)
	b.admitTogether(turns)
	done := make(chan []end)
	go func() {
		done <- b.atOnce(slices.Repeat([]turn.Input{b.ask(b.agent.ID, "shared", "hi")}, turns))
	}()
	seen := map[string]bool{}
	var last int64
	read := func() {
		for _, x := range b.turnsAfter(t, "shared", last) {
			seen[x.ID], last = true, x.Place
		}
	}
	var ends []end
	for ends == nil {
		select {
		case ends = <-done:
		default:
		}
		read()
	}
	read()
	for _, e := range ends {
		if e.err != nil {
			t.Error(e.err)
		} else if !seen[e.Turn.ID] {
			t.Errorf("turn %s at %d: got no read, want one", e.Turn.ID, e.Turn.Place)
		}
	}
}
