package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// optional draws a value or nil.
func optional[T any](t *rapid.T, of *rapid.Generator[T], label string) *T {
	return rapid.Ptr(of, true).Draw(t, label)
}

func orElse[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

// A patch leaves every field that it does not name unchanged.
func TestLimitsPatch_LeavesOtherFields(t *testing.T) {
	limit, price := rapid.IntRange(0, 100), rapid.Map(rapid.IntRange(0, 100), func(n int) ledger.Credits { return ledger.Credits(n) })
	prices := func(t *rapid.T, label string) ledger.PricesPatch {
		return ledger.PricesPatch{
			PerTurn: optional(t, price, label+" turn"), PerInput1K: optional(t, price, label+" in"), PerOutput1K: optional(t, price, label+" out"),
		}
	}
	patched := func(was ledger.Prices, p ledger.PricesPatch) ledger.Prices {
		return ledger.Prices{
			PerTurn: orElse(p.PerTurn, was.PerTurn), PerInput1K: orElse(p.PerInput1K, was.PerInput1K), PerOutput1K: orElse(p.PerOutput1K, was.PerOutput1K),
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := ledger.NewAccount("o", ledger.Credit)
		a.ModelPrices = map[string]ledger.Prices{"known": {PerTurn: 1}, "other": {PerTurn: 2}}
		p := ledger.LimitsPatch{
			RatePerMinute: optional(t, limit, "rate"), KeyRatePerMinute: optional(t, limit, "key rate"), MaxConcurrentTurns: optional(t, limit, "turns"),
			MaxWaitingTurns:       optional(t, limit, "waiting"),
			MonthlyMessagesHosted: optional(t, limit, "hosted"), MonthlyMessagesOwn: optional(t, limit, "own"), MonthlyTokensHosted: optional(t, limit, "tokens"),
			Metering: optional(t, rapid.Bool(), "metering"), Prices: prices(t, "org"), OwnPrices: prices(t, "byok"),
		}
		want := a
		want.Limits = ledger.Limits{
			RatePerMinute: orElse(p.RatePerMinute, 600), KeyRatePerMinute: orElse(p.KeyRatePerMinute, 300), MaxConcurrentTurns: orElse(p.MaxConcurrentTurns, 1000),
			MaxWaitingTurns:       orElse(p.MaxWaitingTurns, 1000),
			MonthlyMessagesHosted: orElse(p.MonthlyMessagesHosted, 0), MonthlyMessagesOwn: orElse(p.MonthlyMessagesOwn, 0),
			MonthlyTokensHosted: orElse(p.MonthlyTokensHosted, 0),
		}
		want.Prices, want.OwnPrices = patched(a.Prices, p.Prices), patched(a.OwnPrices, p.OwnPrices)
		if want.Metered = orElse(p.Metering, true); !want.Metered {
			want.Hold = 0
		}
		want.ModelPrices = map[string]ledger.Prices{"known": {PerTurn: 1}, "other": {PerTurn: 2}}
		for _, model := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"known", "other", "new"}), rapid.ID).Draw(t, "models") {
			if p.ModelPrices == nil {
				p.ModelPrices = map[string]*ledger.PricesPatch{}
			}
			if rapid.Bool().Draw(t, "none of its own") {
				p.ModelPrices[model] = nil
				delete(want.ModelPrices, model)
				continue
			}
			was, ok := want.ModelPrices[model]
			if !ok {
				was = want.Prices // the org's prices at that time
			}
			change := prices(t, model)
			p.ModelPrices[model], want.ModelPrices[model] = &change, patched(was, change)
		}
		if empty := p.IsEmpty(); empty && (!cmp.Equal(want, a) || !cmp.Equal(p, ledger.LimitsPatch{})) {
			t.Fatalf("got %+v as empty, want a patch without a change", p)
		}
		if err := p.Apply(&a); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, a); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	})
}

// Apply returns an account that shares no map with the original.
func TestLimitsPatch_DoesNotShareMaps(t *testing.T) {
	before := ledger.Account{ModelPrices: map[string]ledger.Prices{"m": {PerTurn: 1}}}
	after := before
	p := ledger.LimitsPatch{ModelPrices: map[string]*ledger.PricesPatch{"m": nil}}
	if err := p.Apply(&after); err != nil || len(after.ModelPrices) != 0 || len(before.ModelPrices) != 1 {
		t.Errorf("got %v, before %v, after %v; want the model only before", err, before.ModelPrices, after.ModelPrices)
	}
}

func TestLimitsPatch_MeteringRestoresHold(t *testing.T) {
	a := ledger.NewAccount("o", 0)
	for _, on := range []bool{false, false, true, true} {
		if err := (ledger.LimitsPatch{Metering: &on}).Apply(&a); err != nil {
			t.Fatal(err)
		}
		if a.Metered != on || (a.Hold == ledger.DefaultHold) != on || (a.Hold == 0) == on {
			t.Errorf("metering %t: got %+v, want the default hold only with metering", on, a)
		}
	}
}

func TestLimitsPatch_TooManyModels(t *testing.T) {
	a := ledger.NewAccount("o", 0)
	priced := func(from, to int) error {
		p := ledger.LimitsPatch{ModelPrices: map[string]*ledger.PricesPatch{}}
		for i := from; i < to; i++ {
			p.ModelPrices[fmt.Sprint(i)] = &ledger.PricesPatch{}
		}
		return p.Apply(&a)
	}
	if err := priced(0, ledger.MaxPricedModels); err != nil {
		t.Fatal(err)
	}
	err := priced(ledger.MaxPricedModels, ledger.MaxPricedModels+1)
	if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Field != "prices.models" {
		t.Errorf("got %v, want Invalid of prices.models", err)
	}
}

// The limit of open turns is checked against the shard count after the patch. Existing
// values of the account stay valid.
func TestLimitsPatch_TurnsForEachPart(t *testing.T) {
	const most = ledger.MaxTurnsPerShard
	for name, c := range map[string]struct {
		shards  int
		patch   ledger.LimitsPatch
		refused bool
	}{
		"one part":               {0, ledger.LimitsPatch{MaxConcurrentTurns: new(most)}, false},
		"one too many":           {0, ledger.LimitsPatch{MaxConcurrentTurns: new(most + 1)}, true},
		"four parts":             {4, ledger.LimitsPatch{MaxConcurrentTurns: new(4 * most)}, false},
		"one too many for four":  {4, ledger.LimitsPatch{MaxConcurrentTurns: new(4*most + 1)}, true},
		"with the parts for it":  {0, ledger.LimitsPatch{MaxConcurrentTurns: new(2 * most), Shards: new(2)}, false},
		"with too few":           {0, ledger.LimitsPatch{MaxConcurrentTurns: new(3 * most), Shards: new(2)}, true},
		"a change of other sort": {0, ledger.LimitsPatch{RatePerMinute: new(1)}, false},
	} {
		a := ledger.NewAccount("o", 0)
		a.Shards, a.Limits.MaxConcurrentTurns = c.shards, 10*most
		err := c.patch.Apply(&a)
		if e := fault.From(err); (err != nil) != c.refused || c.refused && e.Field != "max_concurrent_turns" {
			t.Errorf("%s: got %v, want refused %t", name, err, c.refused)
		}
	}
}
