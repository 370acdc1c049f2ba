package money_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A turn whose model fails after it has only called tools has produced those calls, and
// the client has seen them: they are paid and kept.
func TestTools_FailureAfterCalls(t *testing.T) {
	for name, m := range map[string]*toolsmith{
		"the model fails":       {rounds: 2, tokens: 100, then: fault.New(fault.ModelUnavailable, "busy")},
		"the model never stops": {rounds: 100, tokens: 100},
	} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s,whole=%v", name, whole), func(t *testing.T) {
				m := &toolsmith{rounds: m.rounds, tokens: m.tokens, then: m.then}
				b := newBank(t, 10*ledger.Credit, m)
				b.engine.Toolbox = adder{}
				in := b.ask(b.agent.ID, "wanted", "hi")
				in.Whole = whole
				out, err := b.engine.Run(t.Context(), in, turn.Quiet{})
				if err == nil || !out.Turn.Interrupted || out.Turn.Assistant != "" || len(out.Turn.Tools) != min(m.rounds, 8) {
					t.Errorf("got %d tool calls, text %q, error %v, want all calls, no text, an error", len(out.Turn.Tools), out.Turn.Assistant, err)
				}
				if got, want := b.wantBooks(t), ledger.DefaultPrices.Charge(m.produced); got != want {
					t.Errorf("got %s paid, want %s", got, want)
				}
				if got := len(b.turns(t, "wanted")); got != 1 {
					t.Errorf("got %d turns, want 1", got)
				}
			})
		}
	}
}

// Output that arrives only when it is complete, tool calls and reasoning, never costs
// concurrent turns more than the balance either.
func TestTools_ConcurrentTurns(t *testing.T) {
	const turns = 10
	for name, reasons := range map[string]bool{"tools": false, "reasoning": true} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s,whole=%v", name, whole), func(t *testing.T) {
				m := &toolsmith{rounds: 1, tokens: 4000}
				b := newBank(t, 5*ledger.Credit, m)
				if reasons {
					m.rounds, m.reasoning = 0, 100
					if _, err := b.engine.Run(t.Context(), b.ask(b.agent.ID, "", "hi"), turn.Quiet{}); err != nil {
						t.Fatal(err)
					}
					m.reasoning = 4000
				} else {
					b.engine.Toolbox = adder{}
				}
				prices := ledger.Credits(650_000) // 2.6 credits for 4,000 tokens
				if _, err := b.Store.ChangeLimits(t.Context(), nil, b.org, ledger.LimitsPatch{Prices: ledger.PricesPatch{PerOutput1K: &prices}}); err != nil {
					t.Fatal(err)
				}
				m.produced = model.Usage{}
				before := b.wantBooks(t)
				in := b.ask(b.agent.ID, "", "hi")
				in.Whole = whole
				b.admitTogether(turns)
				for _, e := range b.atOnce(slices.Repeat([]turn.Input{in}, turns)) {
					if e.err != nil {
						wantCode(t, e.err, fault.InsufficientCredits)
					}
				}
				paid := b.wantBooks(t) - before
				produced := b.Account(t, b.org).Prices.Charge(m.produced)
				t.Logf("produced %s, paid %s", produced, paid)
				if rounding := ledger.Credits(2 * turns); paid < produced-rounding || paid > produced+rounding {
					t.Errorf("got %s paid, want %s", paid, produced)
				}
			})
		}
	}
}

// toolsmith is a model that calls a tool in some rounds, and then fails or answers a
// word. Each call and each word costs as many tokens as the model may produce; the word
// comes with reasoning. It records its output.
type toolsmith struct {
	rounds, tokens, reasoning int
	then                      error
	producer
}

func (m *toolsmith) Converse(_ context.Context, req model.Request) (model.Reply, error) {
	done := 0
	var u model.Usage
	for _, msg := range req.Messages {
		done += len(msg.ToolResults)
		u.Input += len(strings.Fields(msg.Text))
	}
	u.Input += len(strings.Fields(req.System))
	r := model.Reply{Usage: &u, Stop: model.StopEnd}
	switch {
	case done < m.rounds:
		u.Output = min(m.tokens, req.MaxTokens)
		r.Stop = model.StopTools
		if u.Output < m.tokens {
			r.Stop = model.StopLength
		}
		input, _ := json.Marshal(map[string]string{"x": strings.Repeat("abc ", u.Output)})
		r.ToolCalls = []model.ToolCall{{ID: fmt.Sprint(done), Name: "add", Input: input}}
	case m.then != nil:
		return model.Reply{}, m.then
	default:
		r.Text = "ok"
		u.Reasoning = min(m.reasoning, req.MaxTokens-1)
		u.Output = 1 + u.Reasoning
		if u.Reasoning < m.reasoning {
			r.Stop = model.StopLength
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.produced.Input += u.Input
	m.produced.Output += u.Output
	return r, nil
}

func (m *toolsmith) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		r, err := m.Converse(ctx, req)
		switch {
		case !yield(model.Opened{}, nil):
		case err != nil:
			yield(nil, err)
		case r.Text != "":
			_ = yield(model.TextDelta(r.Text), nil) && yield(model.Finished{Usage: r.Usage, Stop: r.Stop}, nil)
		default:
			_ = yield(r.ToolCalls[0], nil) && yield(model.Finished{Usage: r.Usage, Stop: r.Stop}, nil)
		}
	}
}

// adder is a toolbox with one tool.
type adder struct{}

func (adder) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "add", Description: "adds", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

func (adder) Call(context.Context, agent.Live, string, model.ToolCall) (string, error) {
	return "1", nil
}
