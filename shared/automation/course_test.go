package automation_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
)

// A run visits its steps in order, each once, with what the steps before it gave.
func TestNext(t *testing.T) {
	parsed, err := automation.Parse([]byte(`{
		"trigger": {"type": "schedule", "every_minutes": 5},
		"steps": [
			{"id": "start", "type": "set", "values": {"sum": "{{trigger.body.n}}", "hello": "Hello {{trigger.body.name}}"}},
			{"id": "big", "type": "condition", "if": {"left": "vars.sum", "op": "gt", "right": 5}, "then": [
				{"id": "each", "type": "for_each", "items": "trigger.body.lines", "steps": [
					{"id": "line", "type": "set", "values": {"last": "{{item.name}} {{index}}"}},
					{"id": "long", "type": "condition", "if": {"left": "item.long", "op": "eq", "right": true}, "then": [{"id": "rest", "type": "wait", "seconds": 60}]}
				]}
			], "else": [{"id": "never", "type": "wait", "seconds": 1}]},
			{"id": "end", "type": "set", "values": {"all": "{{vars.hello}}, {{vars.last}}, {{steps.each.count}}"}}
		]}`), events)
	if err != nil {
		t.Fatal(err)
	}
	run := automation.Run{
		Ref: automation.Ref{ID: "r"}, Definition: parsed.Definition,
		Trigger: json.RawMessage(`{"body":{"n":7,"name":"Ada","lines":[{"name":"tea","long":true},{"name":"milk"}]}}`),
	}
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	done, got := map[string]automation.Execution{}, []string{}
	for len(got) < 20 {
		p, err := automation.Next(run, done)
		if err != nil {
			t.Fatal(err)
		}
		if p == nil {
			break
		}
		output, _, err := p.Control(now)
		if err != nil {
			t.Fatalf("%s: %v", p.Path, err)
		}
		got = append(got, fmt.Sprintf("%s %s", p.Path, output))
		done[p.Path] = automation.Execution{Path: p.Path, State: automation.StepDone, Output: output}
	}
	want := []string{
		`start {"hello":"Hello Ada","sum":7}`,
		`big {"result":true}`,
		`each {"count":2,"items":[{"long":true,"name":"tea"},{"name":"milk"}]}`,
		`each[0].line {"last":"tea 0"}`,
		`each[0].long {"result":true}`,
		`each[0].rest {"until":"2026-11-30T09:01:00Z"}`,
		`each[1].line {"last":"milk 1"}`,
		`each[1].long {"result":false}`,
		`end {"all":"Hello Ada, milk 1, 2"}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
}
