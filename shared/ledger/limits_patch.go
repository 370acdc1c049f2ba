package ledger

import (
	"maps"

	"github.com/quintet-agents/quintet/shared/fault"
)

// LimitsPatch is an operator's change of an account's prices and limits; nil fields stay
// unchanged. A monthly cap of 0 means no cap.
type LimitsPatch struct {
	RatePerMinute, KeyRatePerMinute, MaxConcurrentTurns            *int
	MaxWaitingTurns                                                *int
	MonthlyMessagesHosted, MonthlyMessagesOwn, MonthlyTokensHosted *int
	Shards                                                         *int // 1 to MaxShards
	Metering                                                       *bool
	Prices                                                         PricesPatch
	OwnPrices                                                      PricesPatch
	ModelPrices                                                    map[string]*PricesPatch // a nil value removes the model's own prices
}

// PricesPatch is a change of prices; nil fields stay unchanged.
type PricesPatch struct{ PerTurn, PerInput1K, PerOutput1K *Credits }

// MaxPrice keeps the charge of any turn far below overflow.
const MaxPrice = 1_000_000 * Credit

// MaxPricedModels bounds the models with their own prices, because the prices are part
// of the account, which every turn reads and writes.
const MaxPricedModels = 20

// MaxTurnsPerShard bounds the open turns of one part of an account. Each turn takes about
// 60 bytes of the part's item. An item has at most 400 KB, and the cost of every write
// grows with its size.
const MaxTurnsPerShard = 2_000

// IsEmpty reports whether the patch changes no account.
func (p LimitsPatch) IsEmpty() bool {
	for _, limit := range []*int{
		p.RatePerMinute, p.KeyRatePerMinute, p.MaxConcurrentTurns, p.MaxWaitingTurns, p.MonthlyMessagesHosted, p.MonthlyMessagesOwn, p.MonthlyTokensHosted, p.Shards,
	} {
		if limit != nil {
			return false
		}
	}
	return p.Metering == nil && p.Prices == PricesPatch{} && p.OwnPrices == PricesPatch{} && len(p.ModelPrices) == 0
}

// Apply applies the patch to the account. Without metering, turns hold nothing. The
// error is Invalid for more than MaxPricedModels models, or for a limit of more than
// MaxTurnsPerShard open turns per part.
func (p LimitsPatch) Apply(a *Account) error {
	set(&a.Limits.RatePerMinute, p.RatePerMinute)
	set(&a.Limits.KeyRatePerMinute, p.KeyRatePerMinute)
	set(&a.Limits.MaxConcurrentTurns, p.MaxConcurrentTurns)
	set(&a.Limits.MaxWaitingTurns, p.MaxWaitingTurns)
	set(&a.Limits.MonthlyMessagesHosted, p.MonthlyMessagesHosted)
	set(&a.Limits.MonthlyMessagesOwn, p.MonthlyMessagesOwn)
	set(&a.Limits.MonthlyTokensHosted, p.MonthlyTokensHosted)
	set(&a.Shards, p.Shards)
	if most := MaxTurnsPerShard * max(a.Shards, 1); p.MaxConcurrentTurns != nil && *p.MaxConcurrentTurns > most {
		return fault.Field("max_concurrent_turns",
			"max_concurrent_turns must be at most %d: %d for each of the account's parts; account_shards sets their number", most, MaxTurnsPerShard)
	}
	if p.Metering != nil && *p.Metering != a.Metered {
		a.Metered, a.Hold = *p.Metering, 0
		if a.Metered {
			a.Hold = DefaultHold
		}
	}
	p.Prices.apply(&a.Prices)
	p.OwnPrices.apply(&a.OwnPrices)
	if len(p.ModelPrices) > 0 {
		a.ModelPrices = p.modelPrices(*a)
	}
	if len(a.ModelPrices) > MaxPricedModels {
		return fault.Field("prices.models", "prices.models must have at most %d models", MaxPricedModels)
	}
	return nil
}

// modelPrices returns the models' own prices after the patch. A price that a new model
// does not set is the org's.
func (p LimitsPatch) modelPrices(a Account) map[string]Prices {
	prices := map[string]Prices{}
	maps.Copy(prices, a.ModelPrices)
	for model, change := range p.ModelPrices {
		if change == nil {
			delete(prices, model)
			continue
		}
		own, ok := prices[model]
		if !ok {
			own = a.Prices
		}
		change.apply(&own)
		prices[model] = own
	}
	return prices
}

func (p PricesPatch) apply(to *Prices) {
	set(&to.PerTurn, p.PerTurn)
	set(&to.PerInput1K, p.PerInput1K)
	set(&to.PerOutput1K, p.PerOutput1K)
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
