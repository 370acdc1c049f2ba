package automation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

var events = []string{"turn.completed", "automation.run.failed"}

// whole has every type of step.
const whole = `{
	"trigger": {"type": "webhook", "path": "new-orders", "verify": {"type": "hmac-sha256", "secret": "0123456789abcdef"}},
	"steps": [
		{"id": "ask", "type": "agent", "agent_id": "a", "prompt": "Order {{trigger.body.id}}"},
		{"id": "save", "type": "http", "url": "https://api.example.com/orders/{{trigger.body.id}}", "secret_headers": {"X-Key": "hunter22"},
			"headers": {"X-Shop": "{{vars.last}}"}, "body": "{\"answer\": \"{{steps.ask.text}}\"}", "retry": {"attempts": 5}},
		{"id": "big", "type": "condition", "if": {"all": [{"left": "steps.save.status", "op": "lt", "right": 300}, {"not": {"left": "vars.last", "op": "exists"}}]},
			"then": [{"id": "each", "type": "for_each", "items": "trigger.body.lines", "steps": [{"id": "name", "type": "set", "values": {"last": "{{item.name}}"}}]}],
			"else": [{"id": "pause", "type": "wait", "seconds": 60}]},
		{"id": "tell", "type": "message", "connection_id": "c", "to": "{{trigger.body.phone}}", "text": "Thanks"},
		{"id": "late", "type": "wait", "until": "{{trigger.body.at}}"},
		{"id": "remind", "type": "template", "connection_id": "c", "to": "{{trigger.body.phone}}", "name": "reminder", "language": "en", "parameters": {"1": "{{trigger.body.id}}"}}
	]
}`

func TestParse(t *testing.T) {
	got, err := automation.Parse([]byte(whole), events)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"verify": "0123456789abcdef", "header/save/X-Key": "hunter22"}, got.Plain); d != "" {
		t.Errorf("secrets (-want +got):\n%s", d)
	}
	shown, err := json.Marshal(got.Definition)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range got.Plain {
		if strings.Contains(string(shown), secret) {
			t.Errorf("got the secret %s in %s", secret, shown)
		}
	}
	again, err := automation.Parse(shown, events)
	if err != nil {
		t.Fatalf("the definition's own form: %v", err)
	}
	if d := cmp.Diff(got.Definition, again.Definition); d != "" {
		t.Errorf("the definition's own form (-want +got):\n%s", d)
	}
	if len(again.Plain) > 0 {
		t.Errorf("got the secrets %v, want those that are stored to stay", again.Plain)
	}
}

func TestParse_Mistakes(t *testing.T) {
	steps := func(steps string) string {
		return `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [` + steps + `]}`
	}
	trigger := func(trigger string) string {
		return `{"trigger": ` + trigger + `, "steps": [{"id": "a", "type": "wait", "seconds": 1}]}`
	}
	for _, test := range []struct{ name, definition, want string }{
		{"no JSON", `{`, "The definition is not valid JSON: unexpected EOF"},
		{"no object", `[]`, "definition must be an object"},
		{"nothing", `{}`, "trigger must be an object"},
		{"no steps", `{"trigger": {"type": "schedule", "every_minutes": 5}}`, "steps must be a list of 1 to 50 steps"},
		{"another field", `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [{"id": "a", "type": "wait", "seconds": 1}], "x": 1}`, "x is not a field of a definition, which has steps, trigger"},
		{"a type of trigger", trigger(`{"type": "mail"}`), "trigger.type must be one of webhook, schedule, event"},
		{"a short path", trigger(`{"type": "webhook", "path": "x", "verify": {"type": "bearer"}}`), "trigger.path must be 8 to 100 of A-Z, a-z, 0-9, _ and -, and begin with a letter or a digit"},
		{"nothing verified", trigger(`{"type": "webhook", "path": "new-orders"}`), `trigger.verify must be an object such as {"type": "standard-webhooks"}: requests that nobody signed start no run`},
		{"a word for the verification", trigger(`{"type": "webhook", "path": "new-orders", "verify": "bearer"}`), `trigger.verify must be an object such as {"type": "standard-webhooks"}`},
		{"a short secret", trigger(`{"type": "webhook", "path": "new-orders", "verify": {"type": "bearer", "secret": "x"}}`), "trigger.verify.secret must be a string of 16 to 256 characters"},
		{"two schedules", trigger(`{"type": "schedule", "cron": "* * * * *", "every_minutes": 5}`), "trigger.every_minutes must be left out with cron"},
		{"no schedule", trigger(`{"type": "schedule"}`), "trigger.cron must be five fields, such as 0 9 * * MON-FRI, unless every_minutes has a number"},
		{"a short cron", trigger(`{"type": "schedule", "cron": "@daily"}`), "trigger.cron must be five fields, such as 0 9 * * MON-FRI: it has 1"},
		{"a misspelt field", trigger(`{"type": "event", "events": ["turn.completed"]}`), "trigger.events is not a field of a trigger of type event, which has agent_id, event, type"},
		{"a wrong minute", trigger(`{"type": "schedule", "cron": "60 * * * *"}`), `trigger.cron must be five fields, such as 0 9 * * MON-FRI: the minute "60" must be from 0 to 59`},
		{"an unknown zone", trigger(`{"type": "schedule", "cron": "0 9 * * *", "timezone": "Mars"}`), "trigger.timezone must be the name of a time zone, such as Europe/Berlin"},
		{"an event of automations", trigger(`{"type": "event", "event": "automation.run.failed"}`), "trigger.event must not be an event of automations, because they could start each other for ever"},
		{"an unknown event", trigger(`{"type": "event", "event": "x"}`), "trigger.event must be one of turn.completed"},
		{"no id", steps(`{"type": "wait", "seconds": 1}`), "steps[0].id must be a string of 1 to 40 characters"},
		{"a wrong id", steps(`{"id": "A", "type": "wait", "seconds": 1}`), "steps[0].id must be 1 to 40 of a-z, 0-9 and _, and begin with a letter"},
		{"an id twice", steps(`{"id": "a", "type": "wait", "seconds": 1}, {"id": "a", "type": "wait", "seconds": 1}`), "steps[1].id is the id of another step, too"},
		{"a type of step", steps(`{"id": "a", "type": "mail"}`), "steps[0].type must be one of http, agent, template, message, condition, set, wait, for_each"},
		{"a field of another type", steps(`{"id": "a", "type": "wait", "seconds": 1, "url": "https://x.example"}`), "steps[0].url is not a field of a wait step, which has id, seconds, type, until"},
		{"a misspelt field of a step", steps(`{"id": "a", "type": "wait", "minutes": 5}`), "steps[0].minutes is not a field of a wait step, which has id, seconds, type, until"},
		{"a wrong value and an unknown field", steps(`{"id": "a", "type": "wait", "seconds": "5", "minutes": 5}`), "steps[0].seconds must be a whole number from 1 to 2592000"},
		{"two ends of a wait", steps(`{"id": "a", "type": "wait", "seconds": 5, "until": "2026-11-30T09:00:00Z"}`), "steps[0].until must be left out with seconds"},
		{"no time", steps(`{"id": "a", "type": "wait", "until": "tomorrow"}`), "steps[0].until must be a time such as 2026-11-30T09:00:00Z"},
		{"no variables", steps(`{"id": "a", "type": "set", "values": {}}`), `steps[0].values must be an object with at least one variable, such as {"total": "{{trigger.body.total}}"}`},
		{"a variable that no template can name", steps(`{"id": "a", "type": "set", "values": {"the total": "1"}}`), "steps[0].values.the total must have a name of 1 to 100 of A-Z, a-z, 0-9, _ and -, so that templates can use it"},
		{"no test", steps(`{"id": "a", "type": "condition"}`), `steps[0].if must be an object such as {"left": "trigger.body.total", "op": "gt", "right": 100}`},
		{"a text for a test", steps(`{"id": "a", "type": "condition", "if": "trigger.body.total > 100"}`), `steps[0].if must be an object such as {"left": "trigger.body.total", "op": "gt", "right": 100}`},
		{"a template for a name", steps(`{"id": "a", "type": "for_each", "items": "{{trigger.body.lines}}", "steps": [{"id": "b", "type": "wait", "seconds": 1}]}`), "steps[0].items must be a name without braces, such as trigger.body.total"},
		{"a text for a body", steps(`{"id": "a", "type": "http", "url": "https://x.example", "body": "Hello {{trigger.body.x}}"}`), "steps[0].body must be a template; line 1, column 6: the JSON is broken before this: Hello is no value; a body that is not JSON needs a header Content-Type, such as text/plain"},
		{"a template", steps(`{"id": "a", "type": "agent", "agent_id": "a", "prompt": "Hello\n{{#x}}"}`), "steps[0].prompt must be a template; line 2, column 1"},
		{"an inner step", steps(`{"id": "a", "type": "condition", "if": {"left": "vars.x", "op": "exists"}, "then": [{"id": "b", "type": "wait"}]}`), "steps[0].then[0].seconds must be a whole number from 1 to 2592000, unless until has a time"},
		{"an inner test", steps(`{"id": "a", "type": "condition", "if": {"any": [{"left": "x", "op": "is"}]}, "then": []}`), "steps[0].if.any[0].op must be one of eq, ne, lt, lte, gt, gte, contains, starts_with, exists, empty"},
		{"an unknown name", steps(`{"id": "a", "type": "for_each", "items": "body.lines", "steps": [{"id": "b", "type": "wait", "seconds": 1}]}`), "steps[0].items must begin with one of trigger, steps, vars, item, index, run"},
		{"an unknown root in a template", steps(`{"id": "a", "type": "set", "values": {"x": "Dear {{customer}}"}}`), "steps[0].values.x must be a template; line 1, column 6: customer must begin with one of trigger, steps, vars, item, index, run"},
		{"a trigger's value without its body", steps(`{"id": "a", "type": "agent", "agent_id": "a", "prompt": "{{trigger.x}}"}`), "steps[0].prompt must be a template; line 1, column 1: trigger.x must begin with one of trigger.body, trigger.headers, trigger.content_type, trigger.schedule, trigger.event"},
		{"an unknown step in a template", steps(`{"id": "a", "type": "http", "url": "https://x.example/{{steps.b.text}}"}`), `steps[0].url must be a template; line 1, column 19: steps.b.text must name an earlier step, and "b" is none`},
		{"an unknown step in a body", steps(`{"id": "a", "type": "http", "url": "https://x.example/", "body": "{\"a\": {{steps.b.text}}}"}`), `steps[0].body must be a template; line 1, column 7: steps.b.text must name an earlier step, and "b" is none`},
		{"an unknown variable", steps(`{"id": "a", "type": "set", "values": {"total": "1"}}, {"id": "b", "type": "http", "url": "https://x.example/", "headers": {"X": "{{vars.totl}}"}}`), `steps[1].headers.X must be a template; line 1, column 1: vars.totl must name a variable of a set step, and "totl" is none`},
		{"an item without a loop", steps(`{"id": "a", "type": "set", "values": {"x": "{{item.name}}"}}`), "steps[0].values.x must be a template; line 1, column 1: item.name must be in a step of a for_each"},
		{"an item in a test without a loop", steps(`{"id": "a", "type": "condition", "if": {"left": "item", "op": "exists"}, "then": [{"id": "b", "type": "wait", "seconds": 1}]}`), "steps[0].if.left must be in a step of a for_each"},
		{"a later step", steps(`{"id": "a", "type": "for_each", "items": "steps.b.lines", "steps": [{"id": "b", "type": "wait", "seconds": 1}]}`), `steps[0].items must name an earlier step, and "b" is none`},
		{"a loop in a loop", steps(`{"id": "a", "type": "for_each", "items": "vars.x", "steps": [{"id": "b", "type": "for_each", "items": "item", "steps": []}]}`), "steps[0].steps[0].type must not be for_each within another for_each"},
		{"a retry of a wait", steps(`{"id": "a", "type": "wait", "seconds": 1, "retry": {"attempts": 2}}`), "steps[0].retry is only for steps that send something"},
		{"too many attempts", steps(`{"id": "a", "type": "http", "url": "https://x.example", "retry": {"attempts": 6}}`), "steps[0].retry.attempts must be a whole number from 1 to 5"},
		{"a secret header twice", steps(`{"id": "a", "type": "http", "url": "https://x.example", "secret_headers": {"X": "aaaa", "x": "bbbb"}}`), "steps[0].secret_headers.x must be there once"},
		{"a secret that could not be masked", steps(`{"id": "a", "type": "http", "url": "https://x.example", "secret_headers": {"X": "a"}}`), "steps[0].secret_headers.X must be a string of 4 to 2000 ASCII characters on one line"},
		{"a host from a value", steps(`{"id": "a", "type": "http", "url": "https://{{trigger.body.host}}/"}`), "steps[0].url must be a template; line 1, column 9: the scheme and the host must be written out"},
		{"broken JSON", steps(`{"id": "a", "type": "http", "url": "https://x.example", "body": "{\"a\": {{trigger.body.x}}"}`), "steps[0].body must be a template; line 1, column"},
		{"a secret that is no base64", trigger(`{"type": "webhook", "path": "new-orders", "verify": {"type": "standard-webhooks", "secret": "whsec_not-base64"}}`), "trigger.verify.secret must be base64 after whsec_"},
		{"too many secrets", steps(strings.TrimSuffix(strings.Repeat(`{"id": "a%d", "type": "http", "url": "https://x.example", "secret_headers": {"A": "aaaa", "B": "bbbb", "C": "cccc"}},`, 7), ",")), "steps must have at most 20 secret headers in all, and these have 21"},
		{"too many steps", steps(strings.TrimSuffix(strings.Repeat(`{"id": "a%d", "type": "wait", "seconds": 1},`, 51), ",")), "steps[50] is one step too many: a definition has at most 50"},
	} {
		t.Run(test.name, func(t *testing.T) {
			definition := test.definition
			for i := range strings.Count(definition, "%d") {
				definition = strings.Replace(definition, "%d", fmt.Sprint(i), 1)
			}
			_, err := automation.Parse([]byte(definition), events)
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want an Invalid error", err)
			}
			f, _ := errors.AsType[*fault.Error](err)
			if !strings.HasPrefix(f.Message, test.want) {
				t.Errorf("got %q, want %q", f.Message, test.want)
			}
			if f.Field != "" && !strings.HasPrefix(f.Message, f.Field) {
				t.Errorf("got the field %s for %q", f.Field, f.Message)
			}
		})
	}
}

// A step in a loop can use what the steps of the loop made in the pass before, and an entry of a
// section has names of its own.
func TestParse_Names(t *testing.T) {
	for name, steps := range map[string]string{
		"a loop": `{"id": "each", "type": "for_each", "items": "trigger.event.data.lines", "steps": [
			{"id": "add", "type": "set", "values": {"all": "{{vars.all}}, {{item}} {{index}} {{steps.last.last}}"}},
			{"id": "last", "type": "set", "values": {"last": "{{item}}"}}]}`,
		"a section": `{"id": "a", "type": "set", "values": {"x": "{{#trigger.event.data.lines}}{{name}} {{.}}{{/trigger.event.data.lines}}{{trigger}}"}}`,
	} {
		if _, err := automation.Parse([]byte(`{"trigger": {"type": "event", "event": "turn.completed"}, "steps": [`+steps+`]}`), events); err != nil {
			t.Errorf("%s: got %v, want a definition", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := automation.Parse(raw, events)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want an Invalid error", err)
			}
			return
		}
		shown, err := json.Marshal(got.Definition)
		if err != nil {
			t.Fatal(err)
		}
		again, err := automation.Parse(shown, events)
		if err != nil {
			t.Fatalf("%s: %v", shown, err)
		}
		if d := cmp.Diff(got.Definition, again.Definition); d != "" {
			t.Fatalf("the definition's own form (-want +got):\n%s", d)
		}
	})
}

// A definition is bounded in the form in which rows have it: no character makes it longer there.
func TestParse_StoredSize(t *testing.T) {
	for name, c := range map[string]struct {
		right string
		long  bool
	}{
		"HTML":            {strings.Repeat("<&>", 20_000), false},
		"line separators": {strings.Repeat("\u2028", 20_000), true},
	} {
		p, err := automation.Parse(fmt.Appendf(nil, `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [
			{"id": "a", "type": "condition", "if": {"left": "trigger.body", "op": "eq", "right": "%s"}, "then": [{"id": "b", "type": "wait", "seconds": 1}]}]}`, c.right), events)
		if got := err != nil && fault.From(err).Message == "The definition is longer than 64 KiB"; got != c.long || err != nil && !c.long {
			t.Errorf("%s: got %v, want it too long: %t", name, err, c.long)
		}
		if err == nil && len(p.Steps[0].If.Right) > len(c.right)+2 {
			t.Errorf("%s: got %d bytes of %d", name, len(p.Steps[0].If.Right), len(c.right))
		}
	}
}

// The right side of a test may be any JSON, but not one that readers cannot read.
func TestParse_Depth(t *testing.T) {
	for depth, ok := range map[int]bool{150: true, 9000: false} {
		_, err := automation.Parse(fmt.Appendf(nil, `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [
			{"id": "a", "type": "condition", "if": {"left": "trigger.body", "op": "eq", "right": %s%s}, "then": [{"id": "b", "type": "wait", "seconds": 1}]}]}`,
			strings.Repeat("[", depth), strings.Repeat("]", depth)), events)
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "within each other") {
			t.Errorf("%d levels: got %v, want no error: %t", depth, err, ok)
		}
	}
}
