package operator

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// LimitsChanger changes accounts' prices and limits.
type LimitsChanger interface {
	wire.Keeper
	ChangeLimits(ctx context.Context, once *idempotency.Change, orgID string, p ledger.LimitsPatch) (ledger.Account, error)
}

type (
	limitsShape struct {
		RatePerMinute         int         `json:"rate_per_minute"`
		KeyRatePerMinute      int         `json:"key_rate_per_minute"`
		MonthlyMessagesHosted *int        `json:"monthly_messages_hosted"` // null: no cap
		MonthlyMessagesBYOK   *int        `json:"monthly_messages_byok"`
		MonthlyTokensHosted   *int        `json:"monthly_tokens_hosted"`
		MaxConcurrentTurns    int         `json:"max_concurrent_turns"`
		MaxWaitingTurns       int         `json:"max_waiting_turns"`
		AccountShards         int         `json:"account_shards"`
		Metering              bool        `json:"metering"`
		Prices                pricesShape `json:"prices"`
	}
	pricesShape struct {
		priceShape
		Models map[string]priceShape `json:"models"` // models with their own prices
		BYOK   priceShape            `json:"byok"`   // of turns on the org's own provider
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
		MaxWaitingTurns: a.Limits.MaxWaitingTurns,
		AccountShards:   max(a.Shards, 1), Metering: a.Metered, Prices: pricesShape{priceShape: shapeOfPrices(a.Prices), Models: map[string]priceShape{}, BYOK: shapeOfPrices(a.OwnPrices)},
	}
	for model, p := range a.ModelPrices {
		s.Prices.Models[model] = shapeOfPrices(p)
	}
	return s
}

func shapeOfPrices(p ledger.Prices) priceShape {
	return priceShape{PerTurn: p.PerTurn.Number(), PerInput1K: p.PerInput1K.Number(), PerOutput1K: p.PerOutput1K.Number()}
}

// LimitsUpdate answers PATCH /operator/orgs/{org_id}/limits with all of the org's limits and prices.
// Absent fields stay unchanged; null removes a monthly cap, or a model's own prices.
func LimitsUpdate(operators wire.Authenticator, accounts LimitsChanger) http.Handler {
	return frame.Change(operators, nil, accounts, func(r *http.Request, _ identity.Caller, once *idempotency.Change) (ledger.Account, error) {
		org, err := orgID(r)
		if err != nil {
			return ledger.Account{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return ledger.Account{}, err
		}
		p, err := readLimits(fields)
		if err != nil {
			return ledger.Account{}, err
		}
		return accounts.ChangeLimits(r.Context(), once, org, p)
	}, http.StatusOK, shapeOfLimits)
}

// maxLimit is beyond any realistic limit.
const maxLimit = 1_000_000_000

func readLimits(fields body.Object) (p ledger.LimitsPatch, err error) {
	fields = fields.Allow("rate_per_minute", "key_rate_per_minute", "max_concurrent_turns", "max_waiting_turns", "monthly_messages_hosted",
		"monthly_messages_byok", "monthly_tokens_hosted", "account_shards", "metering", "prices")
	for _, limit := range []struct {
		name    string
		value   **int
		most    int
		monthly bool
	}{
		{"rate_per_minute", &p.RatePerMinute, maxLimit, false},
		{"key_rate_per_minute", &p.KeyRatePerMinute, maxLimit, false},
		{"max_concurrent_turns", &p.MaxConcurrentTurns, ledger.MaxTurnsPerShard * ledger.MaxShards, false},
		{"max_waiting_turns", &p.MaxWaitingTurns, maxLimit, false},
		{"monthly_messages_hosted", &p.MonthlyMessagesHosted, maxLimit, true},
		{"monthly_messages_byok", &p.MonthlyMessagesOwn, maxLimit, true},
		{"monthly_tokens_hosted", &p.MonthlyTokensHosted, maxLimit, true},
	} {
		if *limit.value, err = fields.OptionalInt(limit.name, 1, limit.most); err != nil {
			return p, err
		}
		if limit.monthly && fields.IsNull(limit.name) {
			*limit.value = new(0)
		}
	}
	if p.Shards, err = fields.OptionalInt("account_shards", 1, ledger.MaxShards); err != nil {
		return p, err
	}
	if fields.Has("metering") {
		on, err := fields.Bool("metering", true)
		if err != nil {
			return p, err
		}
		p.Metering = &on
	}
	prices, given, err := fields.OptionalChild("prices")
	if err != nil {
		return p, err
	}
	prices = prices.Allow(append(slices.Clone(priceFields), "models", "byok")...)
	if err := readPrices(prices, &p); err != nil {
		return p, err
	}
	switch {
	case !p.IsEmpty():
		return p, nil
	case given:
		return p, prices.NoChange()
	}
	return p, fields.NoChange()
}

func readPrices(prices body.Object, p *ledger.LimitsPatch) (err error) {
	if p.Prices, err = readPrice(prices); err != nil {
		return err
	}
	byok, ok, err := prices.OptionalChild("byok")
	if err != nil {
		return err
	}
	if p.OwnPrices, err = readPrice(byok); err != nil {
		return err
	}
	if ok && p.OwnPrices == (ledger.PricesPatch{}) {
		return byok.Allow(priceFields...).NoChange()
	}
	models, ok, err := prices.OptionalChild("models")
	if err != nil || !ok {
		return err
	}
	p.ModelPrices = map[string]*ledger.PricesPatch{}
	for _, name := range models.Fields() {
		if err := validateModel(name); err != nil {
			return err
		}
		p.ModelPrices[name] = nil
		one, ok, err := models.OptionalChild(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		own, err := readPrice(one)
		if err != nil {
			return err
		}
		if own == (ledger.PricesPatch{}) {
			return one.Allow(priceFields...).NoChange()
		}
		p.ModelPrices[name] = &own
	}
	return nil
}

const maxModelName = 256 // bytes

func validateModel(name string) error {
	if name == "" || len(name) > maxModelName {
		return fault.Field("prices.models", "prices.models must have names of 1 to %d bytes", maxModelName)
	}
	return nil
}

var priceFields = []string{"per_turn", "per_1k_input_tokens", "per_1k_output_tokens"}

func readPrice(o body.Object) (p ledger.PricesPatch, err error) {
	if p.PerTurn, err = o.OptionalCredits("per_turn", 0, ledger.MaxPrice); err != nil {
		return p, err
	}
	if p.PerInput1K, err = o.OptionalCredits("per_1k_input_tokens", 0, ledger.MaxPrice); err != nil {
		return p, err
	}
	p.PerOutput1K, err = o.OptionalCredits("per_1k_output_tokens", 0, ledger.MaxPrice)
	return p, err
}
