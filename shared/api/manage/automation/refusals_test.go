package automation

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/automation"
)

const (
	aClock = `{"type":"schedule","every_minutes":5}`
	aPause = `{"id":"a","type":"wait","seconds":1}`
)

func TestReadNew_Refusals(t *testing.T) {
	read := func(o body.Object) error {
		_, _, err := readNew(o)
		return err
	}
	const begin = `{"name":"a","trigger":`
	wiretest.WantRefusals(t, read, map[string]string{
		`{}`:                            "name is required and must be a string of 1 to 100 characters",
		`{"name":" "}`:                  "name must be a string of 1 to 100 characters",
		`{"name":"a"}`:                  "trigger is required and must be an object",
		`{"name":"a","triger":{}}`:      `trigger is required and must be an object; unknown field "triger" (did you mean trigger?); allowed: name, trigger, steps`,
		begin + aClock + `}`:            "steps is required and must be a list of 1 to 50 steps",
		begin + `"x","steps":[]}`:       "trigger must be an object of at most 65536 bytes, not a string",
		begin + aClock + `,"steps":1}`:  "steps must be a list of 1 to 50 steps, not a number",
		begin + aClock + `,"steps":[]}`: "steps must be a list of 1 to 50 steps",
		begin + aClock + `,"steps":[` + aPause + `,null]}`:                          "steps[1] must be an object, not null",
		begin + aClock + `,"steps":[{"id":"\ud83c"}]}`:                              "steps must not contain lone surrogates",
		begin + `{"type":"mail"},"steps":[` + aPause + `]}`:                         "trigger.type must be one of webhook, schedule, event",
		begin + aClock + `,"steps":[` + aPause + `,` + aPause + `]}`:                "steps[1].id is the id of another step, too",
		begin + aClock + `,"steps":[{"id":"` + strings.Repeat("a", 65_536) + `"}]}`: "The definition is longer than 64 KiB",
	})
}

func TestReadChange_Refusals(t *testing.T) {
	before := automation.Definition{Trigger: automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, Steps: []automation.Step{{ID: "a", Type: automation.Wait, Seconds: 1}}}
	read := func(o body.Object) error {
		c, err := readChange(o)
		if err == nil && !c.definition.empty() {
			_, err = c.definition.parse(before)
		}
		return err
	}
	wiretest.WantRefusals(t, read, map[string]string{
		`{}`:                             "At least one of name, trigger, steps and disabled is required",
		`{"name":null}`:                  "name must be a string of 1 to 100 characters, not null",
		`{"name":"a","steps":null}`:      "steps must be a list of 1 to 50 steps, not null",
		`{"enabled":true}`:               `Unknown field "enabled"; allowed: name, trigger, steps, disabled`,
		`{"disabled":"yes"}`:             "disabled must be true or false, not a string",
		`{"steps":[]}`:                   "steps must be a list of 1 to 50 steps",
		`{"trigger":{"type":"webhook"}}`: "trigger.path must be 8 to 100 of A-Z, a-z, 0-9, _ and -, and begin with a letter or a digit",
		`{"steps":[{"id":"b","type":"set","values":{"x":"{{trigger.x}"}}]}`: "steps[0].values.x must be a template; line 1, column 1: the tag is not closed with }}",
	})
}

// A part that was not sent is as it was before.
func TestDefinition_Parse(t *testing.T) {
	before := automation.Definition{Trigger: automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, Steps: []automation.Step{{ID: "a", Type: automation.Wait, Seconds: 1}}}
	p, err := definition{trigger: []byte(`{"type":"schedule","every_minutes":7}`)}.parse(before)
	if err != nil || p.Trigger.EveryMinutes != 7 || len(p.Steps) != 1 || p.Steps[0].Seconds != 1 {
		t.Errorf("got %+v, %v; want another trigger with the same steps", p.Definition, err)
	}
	p, err = definition{steps: []json.RawMessage{[]byte(aPause), []byte(`{"id":"b","type":"wait","seconds":2}`)}}.parse(before)
	if err != nil || p.Trigger.EveryMinutes != 5 || len(p.Steps) != 2 {
		t.Errorf("got %+v, %v; want other steps with the same trigger", p.Definition, err)
	}
}
