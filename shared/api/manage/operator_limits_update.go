package manage

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// TermsChanger changes accounts' prices and limits.
type TermsChanger interface {
	wire.Keeper
	ChangeTerms(ctx context.Context, orgID string, p ledger.TermsPatch) (ledger.Account, error)
}

type (
	limitsShape struct {
		RatePerMinute         int         `json:"rate_per_minute"`
		KeyRatePerMinute      int         `json:"key_rate_per_minute"`
		MonthlyMessagesHosted *int        `json:"monthly_messages_hosted"` // null: no cap
		MonthlyMessagesBYOK   *int        `json:"monthly_messages_byok"`
		MonthlyTokensHosted   *int        `json:"monthly_tokens_hosted"`
		MaxConcurrentTurns    int         `json:"max_concurrent_turns"`
		Metering              bool        `json:"metering"`
		Prices                pricesShape `json:"prices"`
	}
	pricesShape struct {
		priceShape
		Models map[string]priceShape `json:"models"` // those with prices of their own
	}
	priceShape struct {
		PerTurn     json.Number `json:"per_turn"`
		PerInput1K  json.Number `json:"per_1k_input_tokens"`
		PerOutput1K json.Number `json:"per_1k_output_tokens"`
	}
)

func shapeOfLimits(a ledger.Account) limitsShape {
	limit := func(n int) *int {
		if n == 0 {
			return nil
		}
		return &n
	}
	s := limitsShape{
		RatePerMinute: a.Limits.RatePerMinute, KeyRatePerMinute: a.Limits.KeyRatePerMinute,
		MonthlyMessagesHosted: limit(a.Limits.MonthlyMessagesHosted), MonthlyMessagesBYOK: limit(a.Limits.MonthlyMessagesOwn),
		MonthlyTokensHosted: limit(a.Limits.MonthlyTokensHosted), MaxConcurrentTurns: a.Limits.MaxConcurrentTurns,
		Metering: a.Metered, Prices: pricesShape{priceShape: shapeOfPrices(a.Prices), Models: map[string]priceShape{}},
	}
	for model, p := range a.ModelPrices {
		s.Prices.Models[model] = shapeOfPrices(p)
	}
	return s
}

func shapeOfPrices(p ledger.Prices) priceShape {
	return priceShape{PerTurn: p.PerTurn.Number(), PerInput1K: p.PerInput1K.Number(), PerOutput1K: p.PerOutput1K.Number()}
}

const (
	maxLimit  = 1_000_000_000
	maxModels = 50 // with prices of their own
)

// OperatorLimitsUpdate answers PATCH /operator/orgs/{org_id}/limits with all of
// the org's limits and prices. A monthly cap that is null is none.
func OperatorLimitsUpdate(operators wire.Authenticator, accounts TermsChanger) http.Handler {
	return wire.Handle(WriteError, wire.Changes(operators, nil, accounts, func(r *http.Request, _ account.Caller) (ledger.Account, error) {
		org, err := orgID(r)
		if err != nil {
			return ledger.Account{}, err
		}
		body, err := wire.ReadObject(r)
		if err != nil {
			return ledger.Account{}, err
		}
		p, err := readTerms(body)
		if err != nil {
			return ledger.Account{}, err
		}
		return accounts.ChangeTerms(r.Context(), org, p)
	}, func(a ledger.Account) wire.Answer { return ok(http.StatusOK, shapeOfLimits(a)) }))
}

func readTerms(body wire.Object) (p ledger.TermsPatch, err error) {
	for name, field := range map[string]**int{
		"rate_per_minute": &p.RatePerMinute, "key_rate_per_minute": &p.KeyRatePerMinute, "max_concurrent_turns": &p.MaxConcurrentTurns,
	} {
		if *field, err = body.OptionalInt(name, 1, maxLimit); err != nil {
			return p, err
		}
	}
	for name, field := range map[string]**int{
		"monthly_messages_hosted": &p.MonthlyMessagesHosted, "monthly_messages_byok": &p.MonthlyMessagesOwn, "monthly_tokens_hosted": &p.MonthlyTokensHosted,
	} {
		if *field, err = body.OptionalInt(name, 1, maxLimit); err != nil {
			return p, err
		}
		if body.IsNull(name) {
			*field = new(0)
		}
	}
	if body.Has("metering") {
		on, err := body.Bool("metering", true)
		if err != nil {
			return p, err
		}
		p.Metering = &on
	}
	if err := readPrices(body, &p); err != nil {
		return p, err
	}
	if p == (ledger.TermsPatch{}) {
		return p, fault.Field("body", "At least one limit, metering or prices is required")
	}
	return p, nil
}

// readPrices reads a whole price list: what it leaves out costs nothing.
func readPrices(body wire.Object, p *ledger.TermsPatch) error {
	list, ok, err := body.OptionalChild("prices")
	if err != nil || !ok {
		return err
	}
	prices, err := readPrice(list)
	if err != nil {
		return err
	}
	models, _, err := list.OptionalChild("models")
	if err != nil {
		return err
	}
	byModel := map[string]ledger.Prices{}
	for _, name := range slices.Sorted(slices.Values(models.Fields())) {
		one, ok, err := models.OptionalChild(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if byModel[name], err = readPrice(one); err != nil {
			return err
		}
	}
	if len(byModel) > maxModels {
		return fault.Field("prices.models", "prices.models may have at most %d models", maxModels)
	}
	p.Prices, p.ModelPrices = &prices, &byModel
	return nil
}

func readPrice(o wire.Object) (ledger.Prices, error) {
	var p ledger.Prices
	fields := map[string]*ledger.Credits{
		"per_turn": &p.PerTurn, "per_1k_input_tokens": &p.PerInput1K, "per_1k_output_tokens": &p.PerOutput1K,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c, err := o.OptionalCredits(name)
		if err != nil {
			return p, err
		}
		if c == nil {
			continue
		}
		if err := ledger.ValidatePrice(name, *c); err != nil {
			return p, err
		}
		*fields[name] = *c
	}
	return p, nil
}
