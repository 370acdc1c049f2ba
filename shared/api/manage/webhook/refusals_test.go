package webhook

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/event"
)

const urlRule = "must be an http or https URL of at most 2048 bytes"

func TestReadWebhook_Refusals(t *testing.T) {
	types := strings.Join(event.Types, ", ")
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readWebhook(o); return err }, map[string]string{
		`{}`:           "url is required and " + urlRule,
		`{"url":null}`: "url " + urlRule + ", not null",
		`{"url":1}`:    "url " + urlRule + ", not a number",
		`{"uri":"https://a.example","events":["turn.failed"]}`:                                                  "url is required and " + urlRule + `; unknown field "uri" (did you mean url?); allowed: url, events, description`,
		`{"url":"https://a.example"}`:                                                                           "events is required and must be a list of event types: " + types,
		`{"url":"https://a.example","event":["turn.failed"]}`:                                                   "events is required and must be a list of event types: " + types + `; unknown field "event" (did you mean events?); allowed: url, events, description`,
		`{"url":"https://a.example","events":"turn.failed"}`:                                                    "events must be a list of event types: " + types + ", not a string",
		`{"url":"https://a.example","events":[]}`:                                                               "events must have at least one of " + types,
		`{"url":"https://a.example","events":["turn.failed","turn.completed","x"]}`:                             "events[2] must be one of " + types,
		`{"url":"https://a.example","events":["turn.failed",1]}`:                                                "events[1] must be a string, not a number",
		`{"url":"https://a.example","events":["turn.failed"],"description":{}}`:                                 "description must be a string of at most 500 characters, not an object",
		`{"url":"https://a.example","events":["turn.failed"],"description":"` + strings.Repeat("x", 501) + `"}`: "description must be a string of at most 500 characters",
	})
}

func TestReadUpdate_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readUpdate(o); return err }, map[string]string{
		`{}`:                   "At least one of url, events, description and status is required",
		`{"status":null}`:      "status must not be null; at least one of url, events, description and status is required",
		`{"state":"disabled"}`: `Unknown field "state" (did you mean status?); allowed: url, events, description, status`,
		`{"status":"off"}`:     "status must be enabled or disabled",
		`{"status":false}`:     "status must be enabled or disabled, not true or false",
		`{"url":[]}`:           "url " + urlRule + ", not a list",
	})
}

func TestReadRange_Refusals(t *testing.T) {
	const rule = "must be a time of the years 2000 to 2999 such as 2026-01-31T12:00:00Z"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readRange(o); return err }, map[string]string{
		`{}`:                              "from is required and " + rule,
		`{"from":1}`:                      "from " + rule + ", not a number",
		`{"from":"2026-01-31"}`:           "from " + rule,
		`{"from":"2026-01-31T12:00:00Z"}`: "to is required and " + rule,
		`{"from":"2026-01-31T12:00:00Z","until":"2026-02-01T00:00:00Z"}`: "to is required and " + rule + `; unknown field "until"; allowed: from, to`,
		`{"from":"2026-01-31T12:00:00Z","to":"1999-01-01T00:00:00Z"}`:    "to " + rule,
		`{"from":"2026-01-31T12:00:00Z","to":"2026-01-31T12:00:00Z"}`:    "from must be before to",
	})
}
