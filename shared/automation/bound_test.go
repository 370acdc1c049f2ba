package automation_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
)

const many = `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [
	{"id": "f", "type": "for_each", "items": "trigger.body", "steps": [{"id": "g", "type": "http", "url": "https://a.example"}]}]}`

// A run whose steps keep more than 2 MiB fails, and says so.
func TestWorker_DataBound(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	w := &world{now: now, received: map[string]int{}, output: `"` + strings.Repeat("x", 64<<10) + `"`}
	r := startOf(t, table, many, `{"body":[`+strings.TrimSuffix(strings.Repeat("1,", 100), ",")+`]}`, now)
	got := w.finish(t, table, r)
	want := automation.StepError{Step: "f[32].g", Message: "The steps of the run have kept 2097439 bytes of inputs and outputs, and a run may keep at most 2097152"}
	if d := cmp.Diff(&want, got.Error); got.State != automation.Failed || d != "" || len(w.received) != 32 {
		t.Errorf("got %s after %d effects; error (-want +got):\n%s", got.State, len(w.received), d)
	}
}

func TestWorker_OutputBound(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().UTC().Truncate(time.Second)
	for name, text := range map[string]string{"plain": "x", "escaped in HTML": "<"} {
		t.Run(name, func(t *testing.T) {
			for size, want := range map[int]automation.State{automation.MaxOutput / 2: automation.Completed, automation.MaxOutput: automation.Failed} {
				trigger, err := json.Marshal(map[string]string{"body": strings.Repeat(text, size)})
				if err != nil {
					t.Fatal(err)
				}
				if text == "<" {
					trigger = []byte(`{"body":"` + strings.Repeat(text, size) + `"}`)
				}
				r := startOf(t, table, `{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [{"id": "s", "type": "set", "values": {"x": "{{trigger.body}}"}}]}`, string(trigger), now)
				w := &world{now: now, received: map[string]int{}}
				if got := w.finish(t, table, r); got.State != want {
					t.Errorf("%d bytes: got %s with %+v, want %s", size, got.State, got.Error, want)
				}
			}
		})
	}
}

// The data that takes most memory when it is decoded stays far below a function's 128 MB, at each
// position that a worker comes to.
func TestNext_Memory(t *testing.T) {
	parsed, err := automation.Parse([]byte(many), events)
	if err != nil {
		t.Fatal(err)
	}
	const each = 64 << 10
	numbers := json.RawMessage("[" + strings.TrimSuffix(strings.Repeat("0,", each/2), ",") + "]")
	r := automation.Run{Definition: parsed.Definition, Trigger: json.RawMessage(`{"body":[]}`)}
	var steps []automation.Step
	done := map[string]automation.Execution{}
	for i := range automation.MaxData / each {
		id := strings.Repeat("a", i+1)
		steps = append(steps, automation.Step{ID: id, Type: automation.HTTP})
		done[id] = automation.Execution{Path: id, State: automation.StepDone, Output: numbers}
	}
	steps = append(steps, automation.Step{ID: "last", Type: automation.HTTP})
	r.Definition.Steps = steps
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, err := automation.Next(r, done)
	if err != nil || p == nil || p.Path != "last" {
		t.Fatalf("got %v, %v, want the last step", p, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 64<<20 {
		t.Errorf("got %d bytes in use, want at most 64 MiB", got)
	} else {
		t.Logf("%d bytes in use for %d bytes of data", got, automation.MaxData)
	}
	runtime.KeepAlive(p)
}

// Templates that repeat themselves fail a set step before they fill the memory.
func TestControl_SetBound(t *testing.T) {
	values := map[string]string{}
	for i := range 30 {
		values[fmt.Sprint("v", i)] = "{{#l}}{{#l}}{{#l}}0123456789{{/l}}{{/l}}{{/l}}"
	}
	p := automation.Position{Step: automation.Step{ID: "a", Type: automation.Set, Values: values}, Data: map[string]any{"l": make([]any, 45)}}
	for i := range 45 {
		p.Data["l"].([]any)[i] = true
	}
	want := fmt.Sprintf("values must have at most %d bytes in all", automation.MaxOutput)
	if output, _, err := p.Control(time.Now()); err == nil || fault.From(err).Message != want {
		t.Errorf("got %d bytes, %v, want %s", len(output), err, want)
	}
}
