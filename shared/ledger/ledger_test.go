package ledger_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
)

func TestCredits_String(t *testing.T) {
	for c, want := range map[ledger.Credits]string{
		0: "0.000", 1: "0.000", 999: "0.000", 1000: "0.001", 12_345_678: "12.345", ledger.Credit: "1.000", -1_500_000: "-1.500",
	} {
		if got := c.String(); got != want {
			t.Errorf("%d: got %s, want %s", int64(c), got, want)
		}
	}
}

func TestCredits_Number(t *testing.T) {
	for c, want := range map[ledger.Credits]string{
		0: "0", 1: "0.000001", 360: "0.00036", 12_345_678: "12.345678", 100 * ledger.Credit: "100", 10_500_000: "10.5",
		-1: "-0.000001", math.MaxInt64: "9223372036854.775807",
	} {
		if got, err := json.Marshal(c.Number()); err != nil || string(got) != want {
			t.Errorf("%d: got %s, %v, want %s", int64(c), got, err, want)
		}
	}
}

func TestDefaultPrices(t *testing.T) {
	// 0.02 credits for 1,000 input tokens, 0.1 for 1,000 output tokens.
	got := ledger.DefaultPrices.Charge(model.Usage{Input: 1000, Output: 1000})
	if want := ledger.Credits(120_000); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestCharge_NeverOverflows(t *testing.T) {
	for _, test := range []struct {
		prices ledger.Prices
		usage  model.Usage
		want   ledger.Credits
	}{
		{ledger.DefaultPrices, model.Usage{Output: 461_168_601_842_739}, 46_116_860_184_273_900},
		{ledger.DefaultPrices, model.Usage{Input: math.MaxInt, Output: math.MaxInt}, ledger.MaxBalance},
		{ledger.DefaultPrices, model.Usage{Input: -1_000_000, Output: -5}, 0},
		{ledger.Prices{PerTurn: ledger.MaxPrice, PerInput1K: ledger.MaxPrice}, model.Usage{Input: math.MaxInt}, ledger.MaxBalance},
		{ledger.Prices{PerInput1K: 1}, model.Usage{Input: 1}, 1},
	} {
		if got := test.prices.Charge(test.usage); got != test.want {
			t.Errorf("%+v for %+v: got %d, want %d", test.prices, test.usage, got, test.want)
		}
	}
}

// The affordable output never costs more than the budget. One more token costs more than
// the budget, apart from the rounding of prices.
func TestAffordable_Maximal(t *testing.T) {
	price := rapid.Int64Range(0, 50_000_000)
	rapid.Check(t, func(t *rapid.T) {
		p := ledger.Prices{
			PerTurn: ledger.Credits(price.Draw(t, "turn")), PerInput1K: ledger.Credits(price.Draw(t, "in")),
			PerOutput1K: ledger.Credits(rapid.Int64Range(1, 50_000_000).Draw(t, "out")),
		}
		budget := ledger.Credits(rapid.Int64Range(0, 1_000_000_000).Draw(t, "budget"))
		used := model.Usage{Input: rapid.IntRange(0, 100_000).Draw(t, "input"), Output: rapid.IntRange(0, 10_000).Draw(t, "output")}
		n := p.Affordable(budget, used)
		if n < 0 {
			if p.Charge(used) <= budget {
				t.Fatalf("got %d tokens affordable, want at least 0 for a cost of %d within %d", n, p.Charge(used), budget)
			}
			return
		}
		used.Output += n
		if cost := p.Charge(used); cost > budget {
			t.Fatalf("%d tokens: got cost %d, want at most %d", n, cost, budget)
		}
		used.Output++
		if cost := p.Charge(used); cost <= budget {
			t.Fatalf("%d tokens: got cost %d, want more than %d", n+1, cost, budget)
		}
	})
	if n := (ledger.Prices{}).Affordable(0, model.Usage{Input: 10}); n != math.MaxInt {
		t.Errorf("got limit %d without prices, want none", n)
	}
	// A large budget affords at least as much as a small one.
	if n := ledger.DefaultPrices.Affordable(ledger.MaxBalance, model.Usage{Input: 10}); n < 1_000_000 {
		t.Errorf("got %d tokens for the highest balance, want at least a million", n)
	}
}

func TestRefusal(t *testing.T) {
	a := ledger.NewAccount("o", ledger.Credit)
	if err := ledger.Refusal(a, ledger.Rates{}, ledger.Month{}); err != nil {
		t.Error(err)
	}
	for name, rates := range map[string]ledger.Rates{
		"org": {Org: ledger.Window{Requests: 600, Ends: 7 * time.Second}, Key: ledger.Window{Requests: 1, Ends: time.Second}},
		"key": {Org: ledger.Window{Requests: 599, Ends: time.Second}, Key: ledger.Window{Requests: 300, Ends: 7 * time.Second}},
	} {
		err := ledger.Refusal(a, rates, ledger.Month{})
		if e := fault.From(err); e == nil || e.Code != fault.RateLimited || e.RetryAfter != 7*time.Second {
			t.Errorf("%s: got %v, want RateLimited for 7s", name, err)
		}
	}
}
