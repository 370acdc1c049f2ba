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
			{"id": "start", "type": "set", "values": {"sum": "{{trigger.body.n}}", "hello": "Hello {{trigger.body.name}}", "values": "v"}},
			{"id": "big", "type": "condition", "if": {"left": "vars.sum", "op": "gt", "right": 5}, "then": [
				{"id": "each", "type": "for_each", "items": "trigger.body.lines", "steps": [
					{"id": "line", "type": "set", "values": {"last": "{{item.name}} {{index}}"}},
					{"id": "long", "type": "condition", "if": {"left": "item.long", "op": "eq", "right": true}, "then": [{"id": "rest", "type": "wait", "seconds": 60}]}
				]}
			], "else": [{"id": "never", "type": "wait", "seconds": 1}]},
			{"id": "end", "type": "set", "values": {"all": "{{vars.hello}}, {{vars.last}}, {{steps.each.count}}, {{vars.values}}"}}
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
		`start {"hello":"Hello Ada","sum":7,"values":"v"}`,
		`big {"result":true}`,
		`each {"count":2,"items":[{"long":true,"name":"tea"},{"name":"milk"}]}`,
		`each[0].line {"last":"tea 0"}`,
		`each[0].long {"result":true}`,
		`each[0].rest {"until":"2026-11-30T09:01:00Z"}`,
		`each[1].line {"last":"milk 1"}`,
		`each[1].long {"result":false}`,
		`end {"all":"Hello Ada, milk 1, 2, v"}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("steps (-want +got):\n%s", d)
	}
}

// A worker finds its position among thousands of steps in no time, step after step.
func BenchmarkCourse(b *testing.B) {
	r, done, seen := automation.Run{Trigger: json.RawMessage(`{}`)}, map[string]automation.Execution{}, 0
	loop := automation.Step{ID: "each", Type: automation.ForEach, Items: "trigger.body"}
	for i := range 45 {
		loop.Steps = append(loop.Steps, automation.Step{ID: fmt.Sprintf("s%d", i), Type: automation.HTTP})
	}
	r.Definition.Steps = []automation.Step{loop}
	items := make([]int, automation.MaxItems)
	output, err := json.Marshal(map[string]any{"items": items, "count": len(items)})
	if err != nil {
		b.Fatal(err)
	}
	done["each"] = automation.Execution{Path: "each", State: automation.StepDone, Output: output}
	for i := range items {
		for _, s := range loop.Steps {
			path := fmt.Sprintf("each[%d].%s", i, s.ID)
			done[path] = automation.Execution{Path: path, State: automation.StepDone, Output: json.RawMessage(`{"status":200,"body":{"id":4711}}`)}
			seen++
		}
	}
	delete(done, fmt.Sprintf("each[%d].s44", len(items)-1))
	for b.Loop() {
		if p, err := automation.Next(r, done); err != nil || p == nil {
			b.Fatal(p, err)
		}
	}
	b.ReportMetric(float64(seen), "steps")
}
