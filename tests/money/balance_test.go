package money_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Concurrent turns whose answers cost several times their holds never produce more than
// the balance pays for, whole or streamed, on an account in one part or in several.
func TestBalance_ConcurrentTurns(t *testing.T) {
	const turns = 10
	for _, parts := range []int{1, 3} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("parts=%d,whole=%v", parts, whole), func(t *testing.T) {
				p := &producer{words: 4000}
				b := newBank(t, 5*ledger.Credit, p)
				prices := ledger.Credits(650_000) // 2.6 credits an answer
				if _, err := b.Store.ChangeLimits(t.Context(), nil, b.org, ledger.LimitsPatch{Shards: &parts, Prices: ledger.PricesPatch{PerOutput1K: &prices}}); err != nil {
					t.Fatal(err)
				}
				b.turnsAtOnce(t, p, turns, whole)
			})
		}
	}
}

// turnsAtOnce runs concurrent turns that their org cannot pay for, and compares their
// answers and charges with the output of the model.
func (b *bank) turnsAtOnce(t *testing.T, p *producer, turns int, whole bool) {
	t.Helper()
	account := b.Account(t, b.org)
	in := b.ask(b.agent.ID, "", "hi")
	in.Whole = whole
	b.admitTogether(turns)
	ends := b.atOnce(slices.Repeat([]turn.Input{in}, turns))
	kept := 0
	for _, e := range ends {
		if e.err != nil {
			wantCode(t, e.err, fault.InsufficientCredits)
		}
		if e.Turn.ID != "" {
			kept += len(strings.Fields(e.Turn.Assistant))
			if (e.err != nil) != e.Turn.Interrupted {
				t.Errorf("got interrupted %v and error %v, want both or neither", e.Turn.Interrupted, e.err)
			}
		}
	}
	paid := b.wantBooks(t)
	produced := account.Prices.Charge(p.produced)
	t.Logf("produced %s, paid %s, kept %d of %d words", produced, paid, kept, p.produced.Output)
	if rounding := ledger.Credits(2 * turns); produced > b.balance || paid < produced-rounding || paid > produced+rounding {
		t.Errorf("got %s produced and %s paid, want the same, and at most the balance of %s", produced, paid, b.balance)
	}
	if kept != p.produced.Output {
		t.Errorf("got %d words in threads, want the %d produced", kept, p.produced.Output)
	}
}

// An ordinary turn fits into its hold and needs no extra write.
func TestBalance_OrdinaryTurnDoesNotExtend(t *testing.T) {
	for _, whole := range []bool{true, false} {
		p := &producer{words: 300}
		b := newBank(t, 5*ledger.Credit, p)
		b.engine.Store = unextended{b.Store, t}
		in := b.ask(b.agent.ID, "", strings.Repeat("word ", 500))
		in.Whole = whole
		if _, err := b.engine.Run(t.Context(), in, turn.Quiet{}); err != nil {
			t.Error(err)
		}
		b.wantBooks(t)
	}
}

type unextended struct {
	turn.Store
	t *testing.T
}

func (u unextended) Extend(ctx context.Context, h ledger.Hold, need, want ledger.Credits) (ledger.Hold, error) {
	u.t.Error("got an extended hold, want none")
	return u.Store.Extend(ctx, h, need, want)
}

// Impossible usage is replaced by an estimate and marked, and creates no credits.
func TestBalance_ImpossibleUsage(t *testing.T) {
	const text = "abcde"
	estimated := model.Usage{Input: 3, Output: 2} // "be brief" and "hi", four bytes each
	for name, c := range map[string]struct {
		reported *model.Usage
		want     model.Usage
		marked   bool
	}{
		"true":               {&model.Usage{Input: 4, Output: 5}, model.Usage{Input: 4, Output: 5}, false},
		"none":               {nil, estimated, true},
		"zeros":              {&model.Usage{}, estimated, true},
		"negative":           {&model.Usage{Input: -1, Output: -1}, estimated, true},
		"a billion":          {&model.Usage{Input: 1e9, Output: 1e9}, estimated, true},
		"beyond all credits": {&model.Usage{Input: 461_168_601_842_739, Output: 461_168_601_842_739}, estimated, true},
		"the largest":        {&model.Usage{Input: math.MaxInt, Output: math.MaxInt}, estimated, true},
		"output alone":       {&model.Usage{Input: 4, Output: 1e6}, model.Usage{Input: 4, Output: 2}, true},
		"reasoned":           {&model.Usage{Input: 4, Output: 105, Reasoning: 100}, model.Usage{Input: 4, Output: 105}, false},
		"reasoned too much":  {&model.Usage{Input: 4, Output: 1e6, Reasoning: 1e6}, model.Usage{Input: 4, Output: 2}, true},
	} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s,whole=%v", name, whole), func(t *testing.T) {
				b := newBank(t, ledger.Credit, liar{text, c.reported})
				in := b.ask(b.agent.ID, "", "hi")
				in.Whole = whole
				out, err := b.engine.Run(t.Context(), in, turn.Quiet{})
				if err != nil {
					t.Fatal(err)
				}
				got := out.Turn.Usage
				if d := cmp.Diff(c.want, got); d != "" || out.Turn.Estimated != c.marked {
					t.Errorf("got estimated %v, want %v; usage (-want +got):\n%s", out.Turn.Estimated, c.marked, d)
				}
				if paid := b.wantBooks(t); paid != ledger.DefaultPrices.Charge(c.want) {
					t.Errorf("got %s paid, want %s", paid, ledger.DefaultPrices.Charge(c.want))
				}
			})
		}
	}
}

// liar is a model that answers with a text and reports any usage.
type liar struct {
	text     string
	reported *model.Usage
}

func (l liar) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{Text: l.text, Usage: l.reported, Stop: model.StopEnd}, nil
}

func (l liar) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		_ = yield(model.Opened{}, nil) && yield(model.TextDelta(l.text), nil) &&
			yield(model.Finished{Usage: l.reported, Stop: model.StopEnd}, nil)
	}
}

// An answer that outgrows its hold extends it. If another turn has taken the credits,
// the answer is cut off with an error, and the text so far is paid and kept.
func TestBalance_AnswerOutgrowsItsHold(t *testing.T) {
	for name, c := range map[string]struct {
		taken ledger.Credits // by another turn, after the admission
		want  fault.Code
	}{
		"the account pays":         {0, ""},
		"the account is exhausted": {19*ledger.Credit/2 - 1, fault.InsufficientCredits},
	} {
		t.Run(name, func(t *testing.T) {
			p := &producer{words: 4000}
			b := newBank(t, 10*ledger.Credit, nil)
			prices := ledger.Credits(650_000)
			if _, err := b.Store.ChangeLimits(t.Context(), nil, b.org, ledger.LimitsPatch{Prices: ledger.PricesPatch{PerOutput1K: &prices}}); err != nil {
				t.Fatal(err)
			}
			b.engine.Model = taking{p, func() {
				if c.taken == 0 {
					return
				}
				e := ledger.Entry{ID: turn.NewID(), OrgID: b.org, Kind: ledger.Adjustment, Amount: -c.taken, Reason: "taken", At: b.engine.Now()}
				if err := b.Store.AddEntry(t.Context(), nil, e); err != nil {
					t.Error(err)
				}
				b.balance -= c.taken
			}}
			out, err := b.engine.Run(t.Context(), b.ask(b.agent.ID, "", "hi"), turn.Quiet{})
			switch {
			case c.want == "" && (err != nil || len(strings.Fields(out.Turn.Assistant)) != 4000):
				t.Errorf("got %d words, %v, want 4000", len(strings.Fields(out.Turn.Assistant)), err)
			case c.want != "":
				wantCode(t, err, c.want)
				if out.Turn.Assistant == "" || !out.Turn.Interrupted {
					t.Errorf("got %q, interrupted %v, want an interrupted text", out.Turn.Assistant, out.Turn.Interrupted)
				}
			}
			b.wantBooks(t)
		})
	}
}

// taking is a producer that calls a function while it produces.
type taking struct {
	*producer
	before func()
}

func (p taking) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	p.before()
	return p.producer.Stream(ctx, req)
}
