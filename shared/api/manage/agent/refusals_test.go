package agent

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadSettings_Refusals(t *testing.T) {
	const (
		all  = "model, temperature, max_output_tokens, stop, provider, base_url, region, role_arn, provider_key, caps"
		stop = "stop must be a list of at most 4 strings of 1 to 64 characters, each with a visible one"
	)
	wiretest.WantRefusals(t, func(o body.Object) error { _, _, err := readSettings(o); return err }, map[string]string{
		`{}`:                              "At least one of " + all + " and caller_instructions is required",
		`{"max_tokens":1}`:                `Unknown field "max_tokens"; allowed: ` + all + ", caller_instructions",
		`{"model":""}`:                    "model must be a string of 1 to 256 visible ASCII characters",
		`{"model":"a b"}`:                 "model must be a string of 1 to 256 visible ASCII characters",
		`{"temperature":"1"}`:             "temperature must be a number from 0 to 2, not a string",
		`{"temperature":2.1}`:             "temperature must be a number from 0 to 2",
		`{"temperature":1e999}`:           "temperature must be a number from 0 to 2",
		`{"max_output_tokens":4097}`:      "max_output_tokens must be a whole number from 1 to 4096",
		`{"stop":"x"}`:                    stop + ", not a string",
		`{"stop":["\n"]}`:                 stop,
		`{"stop":["a",1]}`:                "stop[1] must be a string, not a number",
		`{"provider":"azure"}`:            "provider must be hosted, bedrock or openai",
		`{"base_url":"https://a/?k=v"}`:   "base_url must not have a query or a fragment",
		`{"region":"eu"}`:                 "region must be an AWS region such as eu-central-1",
		`{"role_arn":"r"}`:                "role_arn must be the ARN of an IAM role whose name begins with quintet-",
		`{"provider_key":"a\nb"}`:         "provider_key must be a string of 1 to 2000 visible ASCII characters",
		`{"provider_key":1}`:              "provider_key must be a string of 1 to 2000 visible ASCII characters, not a number",
		`{"caps":{}}`:                     "At least one of caps.rounds, caps.seconds and caps.credits is required",
		`{"caps":{"rounds":9}}`:           "caps.rounds must be a whole number from 0 to 8",
		`{"caps":{"seconds":601}}`:        "caps.seconds must be a whole number from 1 to 600",
		`{"caps":{"credits":0.0001}}`:     "caps.credits must be a number from 0.001 to 1000000000000 with at most six decimal places",
		`{"caps":1}`:                      "caps must be an object, not a number",
		`{"caller_instructions":"maybe"}`: "caller_instructions must be append, ignore or refuse",

		`{"stop":["` + strings.Repeat("é", 65) + `"]}`: stop,
	})
}
