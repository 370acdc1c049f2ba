package operator

import (
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadOrg_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readOrg(o, time.Now()); return err }, map[string]string{
		`{}`:                                "name is required and must be a string of 1 to 100 characters",
		`{"name":false}`:                    "name must be a string of 1 to 100 characters, not true or false",
		`{"name":""}`:                       "name must be a string of 1 to 100 characters",
		`{"name":"a"}`:                      "email is required and must be an email address of at most 254 bytes",
		`{"name":"a","mail":"a@b.example"}`: `email is required and must be an email address of at most 254 bytes; unknown field "mail" (did you mean email?); allowed: name, email`,
		`{"name":"a","email":null}`:         "email must be an email address of at most 254 bytes, not null",
		`{"name":"a","email":"b"}`:          "email must be an email address of at most 254 bytes",
	})
}

func TestReadEntry_Refusals(t *testing.T) {
	const amount, kind, reason = "amount must be a number from -1000000000 to 1000000000 with at most six decimal places", "kind must be topup or adjustment", "reason must be a string of 1 to 500 characters"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readEntry(o); return err }, map[string]string{
		`{}`:                           "amount is required and " + strings.TrimPrefix(amount, "amount "),
		`{"amount":null}`:              amount + ", not null",
		`{"amount":[1]}`:               amount + ", not a list",
		`{"amount":"one"}`:             amount,
		`{"amount":1e10}`:              amount,
		`{"amuont":1}`:                 "amount is required and " + strings.TrimPrefix(amount, "amount ") + `; unknown field "amuont" (did you mean amount?); allowed: amount, kind, reason`,
		`{"amount":1}`:                 "kind is required and must be topup or adjustment",
		`{"amount":1,"kind":"charge"}`: kind,
		`{"amount":1,"kind":1}`:        kind + ", not a number",
		`{"amount":1,"kind":"topup"}`:  "reason is required and must be a string of 1 to 500 characters",
		`{"amount":1,"kind":"topup","reason":" "}`:                                reason,
		`{"amount":1,"kind":"topup","reason":1}`:                                  reason + ", not a number",
		`{"amount":1,"kind":"topup","reason":"` + strings.Repeat("x", 501) + `"}`: reason,
		`{"amount":-1,"kind":"topup","reason":"a"}`:                               "amount must be more than 0 for a topup",
		`{"amount":0,"kind":"adjustment","reason":"a"}`:                           "amount must not be 0",
	})
}

func TestReadLimits_Refusals(t *testing.T) {
	const all = "rate_per_minute, key_rate_per_minute, max_concurrent_turns, max_waiting_turns, monthly_messages_hosted, monthly_messages_byok, monthly_tokens_hosted, account_shards, metering"
	const prices = "prices.per_turn, prices.per_1k_input_tokens, prices.per_1k_output_tokens"
	const own = "prices.models.m.per_turn, prices.models.m.per_1k_input_tokens and prices.models.m.per_1k_output_tokens"
	const number, price = "must be a whole number from 1 to 1000000000", "must be a number from 0 to 1000000 with at most six decimal places"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readLimits(o); return err }, map[string]string{
		`{}`:                                               "At least one of " + all + " and prices is required",
		`{"rate_per_minute":null}`:                         "rate_per_minute must not be null; at least one of " + all + " and prices is required",
		`{"rate_per_minut":1}`:                             `Unknown field "rate_per_minut" (did you mean rate_per_minute?); allowed: ` + all + ", prices",
		`{"limit":1}`:                                      `Unknown field "limit"; allowed: ` + all + ", prices",
		`{"rate_per_minute":0}`:                            "rate_per_minute " + number,
		`{"rate_per_minute":1.5}`:                          "rate_per_minute " + number,
		`{"rate_per_minute":"1"}`:                          "rate_per_minute " + number + ", not a string",
		`{"key_rate_per_minute":{}}`:                       "key_rate_per_minute " + number + ", not an object",
		`{"monthly_messages_hosted":-1}`:                   "monthly_messages_hosted " + number,
		`{"monthly_messages_byok":true}`:                   "monthly_messages_byok " + number + ", not true or false",
		`{"monthly_tokens_hosted":1000000001}`:             "monthly_tokens_hosted " + number,
		`{"max_concurrent_turns":64001}`:                   "max_concurrent_turns must be a whole number from 1 to 64000",
		`{"max_waiting_turns":[]}`:                         "max_waiting_turns " + number + ", not a list",
		`{"account_shards":33}`:                            "account_shards must be a whole number from 1 to 32",
		`{"metering":"on"}`:                                "metering must be true or false, not a string",
		`{"prices":1}`:                                     "prices must be an object, not a number",
		`{"prices":{}}`:                                    "At least one of " + prices + ", prices.models and prices.byok is required",
		`{"prices":{"per_trun":1}}`:                        `Unknown field "prices.per_trun" (did you mean prices.per_turn?); allowed: ` + prices + ", prices.models, prices.byok",
		`{"prices":{"per_turn":-1}}`:                       "prices.per_turn " + price,
		`{"prices":{"per_1k_input_tokens":[]}}`:            "prices.per_1k_input_tokens " + price + ", not a list",
		`{"prices":{"per_1k_output_tokens":"x"}}`:          "prices.per_1k_output_tokens " + price,
		`{"prices":{"byok":{}}}`:                           "At least one of prices.byok.per_turn, prices.byok.per_1k_input_tokens and prices.byok.per_1k_output_tokens is required",
		`{"prices":{"byok":{"per_turn":-1}}}`:              "prices.byok.per_turn " + price,
		`{"prices":{"byok":null}}`:                         "prices.byok must not be null; at least one of " + prices + ", prices.models and prices.byok is required",
		`{"prices":{"models":[]}}`:                         "prices.models must be an object, not a list",
		`{"prices":{"models":{"":{}}}}`:                    "prices.models must have names of 1 to 256 bytes",
		`{"prices":{"models":{"m":1}}}`:                    "prices.models.m must be an object, not a number",
		`{"prices":{"models":{"m":{"per_turn":1000001}}}}`: "prices.models.m.per_turn " + price,
		`{"prices":{"models":{"m":{}}}}`:                   "At least one of " + own + " is required",
		`{"prices":{"models":{"m":{"per_turn":null}}}}`:    "prices.models.m.per_turn must not be null; at least one of " + own + " is required",
		`{"prices":{"models":{"m":{"per_trun":1}}}}`: `Unknown field "prices.models.m.per_trun" (did you mean prices.models.m.per_turn?); ` +
			"allowed: prices.models.m.per_turn, prices.models.m.per_1k_input_tokens, prices.models.m.per_1k_output_tokens",
	})
}
