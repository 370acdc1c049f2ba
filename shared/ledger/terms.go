package ledger

import "github.com/quintet-agents/quintet/shared/fault"

// TermsPatch is an operator's change of an account's prices and limits; nil
// fields stay as they are. A monthly cap of 0 is none.
type TermsPatch struct {
	RatePerMinute, KeyRatePerMinute, MaxConcurrentTurns            *int
	MonthlyMessagesHosted, MonthlyMessagesOwn, MonthlyTokensHosted *int
	Shards                                                         *int // 1 to MaxShards
	Metering                                                       *bool
	Prices                                                         *Prices
	ModelPrices                                                    *map[string]Prices
}

// Apply changes an account's terms. With metering off a turn holds nothing.
func (p TermsPatch) Apply(a *Account) {
	for field, value := range map[*int]*int{
		&a.Limits.RatePerMinute: p.RatePerMinute, &a.Limits.KeyRatePerMinute: p.KeyRatePerMinute,
		&a.Limits.MaxConcurrentTurns: p.MaxConcurrentTurns, &a.Limits.MonthlyMessagesHosted: p.MonthlyMessagesHosted,
		&a.Limits.MonthlyMessagesOwn: p.MonthlyMessagesOwn, &a.Limits.MonthlyTokensHosted: p.MonthlyTokensHosted,
	} {
		if value != nil {
			*field = *value
		}
	}
	if p.Shards != nil {
		a.Shards = *p.Shards
	}
	if p.Metering != nil {
		a.Metered, a.Hold = *p.Metering, 0
		if a.Metered {
			a.Hold = DefaultHold
		}
	}
	if p.Prices != nil {
		a.Prices = *p.Prices
	}
	if p.ModelPrices != nil {
		a.ModelPrices = *p.ModelPrices
	}
}

// maxPrice keeps the charge of any turn far from the end of the numbers.
const maxPrice = 1_000_000 * Credit

// ValidatePrice returns an Invalid error for a price that is negative or absurd.
func ValidatePrice(field string, c Credits) error {
	if c < 0 || c > maxPrice {
		return fault.Field(field, "%s must be from 0 to 1000000", field)
	}
	return nil
}
