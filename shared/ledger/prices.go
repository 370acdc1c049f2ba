package ledger

import (
	"math"
	"math/bits"

	"github.com/quintet-agents/quintet/shared/model"
)

// Prices are the prices of a turn.
type Prices struct {
	PerTurn     Credits
	PerInput1K  Credits // for 1,000 input tokens
	PerOutput1K Credits // for 1,000 output tokens
}

// DefaultPrices are the prices of an org without its own.
var DefaultPrices = Prices{PerInput1K: Credit / 50, PerOutput1K: Credit / 10}

// DefaultHold is the default hold of a turn.
const DefaultHold = Credit / 2

// Charge returns the price of a turn with the given token counts, rounded up to a
// micro-credit. It is never negative and never more than MaxBalance.
func (p Prices) Charge(u model.Usage) Credits {
	return p.PerTurn.Plus(perThousand(p.PerInput1K, u.Input)).Plus(perThousand(p.PerOutput1K, u.Output))
}

// PricesOf returns the prices of a turn of a kind with a model: those of own providers, the
// model's if the org has some for it, or the org's.
func (a Account) PricesOf(kind Kind, model string) Prices {
	if kind == OwnKey && a.Metered {
		return a.OwnPrices
	}
	if p, ok := a.ModelPrices[model]; ok && a.Metered {
		return p
	}
	return a.Prices
}

// Affordable returns the number of output tokens that a budget pays for, after the
// tokens that the turn has used and its minimum. It is negative if the budget does not
// cover those.
func (p Prices) Affordable(budget Credits, used model.Usage) int {
	if p.Charge(used) > budget {
		return -1
	}
	if p.PerOutput1K == 0 {
		return math.MaxInt
	}
	left := budget - p.Charge(model.Usage{Input: used.Input})
	return int(min(left, math.MaxInt64/1000)*1000/p.PerOutput1K) - used.Output
}

// perThousand returns the price of tokens, rounded up and at most MaxBalance. A negative
// count costs 0.
func perThousand(price Credits, tokens int) Credits {
	if tokens <= 0 || price <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(price), uint64(tokens))
	lo, carry := bits.Add64(lo, 999, 0)
	hi += carry
	if hi >= 1000 {
		return MaxBalance // the quotient has more than 64 bits
	}
	quotient, _ := bits.Div64(hi, lo, 1000)
	return Credits(min(quotient, uint64(MaxBalance)))
}
