package meta_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
)

// odd are values that take the place of each value of a webhook in turn.
var odd = []any{
	nil, true, -1, 1.5, json.Number("1e999"), "", "x", "\x00", "\ud7ff", strings.Repeat("9", 400), []any{}, []any{nil}, []any{[]any{}}, map[string]any{}, map[string]any{"id": map[string]any{}},
}

// A wrong value anywhere in an element costs at most what the element reports: its neighbours
// are read as if it were right.
func TestParse_WrongElementCostsNoOther(t *testing.T) {
	mutations := 0
	for _, name := range samples(t) {
		var body map[string]any
		if err := json.Unmarshal(read(t, name), &body); err != nil {
			t.Fatal(err)
		}
		for _, entry := range body["entry"].([]any) {
			for _, list := range []string{"changes", "messaging", "standby"} {
				elements, _ := entry.(map[string]any)[list].([]any)
				for i := range elements {
					near := elements[max(i-1, 0):min(i+2, len(elements))]
					alone := map[string]any{"object": body["object"], "entry": []any{map[string]any{"id": entry.(map[string]any)["id"], list: near}}}
					mutations += mutate(t, filepath.Base(name), alone, near, min(i, 1))
				}
			}
		}
	}
	t.Logf("%d wrong values", mutations)
	if mutations < 5000 {
		t.Errorf("got %d wrong values, want at least 5,000", mutations)
	}
}

// mutate makes each value of an element wrong in turn, and returns how many it made so.
func mutate(t *testing.T, name string, body map[string]any, elements []any, i int) int {
	t.Helper()
	whole := elements[i]
	before, after := updatesOf(t, body, elements, 0, i), updatesOf(t, body, elements, i+1, len(elements))
	count := 0
	each(whole, func(set func(any), path string) {
		for _, value := range odd {
			set(value)
			count++
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := meta.Parse(text)
			if err != nil || len(got) < len(before)+len(after) || !equal(got[:len(before)], before) || !equal(got[len(got)-len(after):], after) {
				t.Fatalf("%s, element %d, %s = %v: got %+v, %v, want the updates of the other elements", name, i, path, value, got, err)
			}
			for _, u := range got {
				if problem := wrong(u); problem != "" {
					t.Errorf("%s, element %d, %s = %v: got %+v: %s", name, i, path, value, u, problem)
				}
			}
		}
	})
	return count
}

func equal(a, b []channel.Update) bool {
	return slices.EqualFunc(a, b, func(a, b channel.Update) bool { return reflect.DeepEqual(a, b) })
}

// updatesOf returns what some elements of a body report without the others.
func updatesOf(t *testing.T, body map[string]any, elements []any, from, to int) []channel.Update {
	t.Helper()
	if from == to {
		return nil
	}
	part := maps.Clone(body)
	entry := maps.Clone(body["entry"].([]any)[0].(map[string]any))
	for list := range entry {
		if list != "id" {
			entry[list] = elements[from:to]
		}
	}
	part["entry"] = []any{entry}
	text, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

// each calls a function for each value within a value, and puts the value back afterwards.
func each(value any, visit func(set func(any), path string)) {
	var walk func(value any, path string)
	walk = func(value any, path string) {
		switch v := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				old := v[key]
				visit(func(value any) { v[key] = value }, path+"."+key)
				v[key] = old
				walk(old, path+"."+key)
			}
		case []any:
			for i, old := range v {
				visit(func(value any) { v[i] = value }, fmt.Sprintf("%s[%d]", path, i))
				v[i] = old
				walk(old, fmt.Sprintf("%s[%d]", path, i))
			}
		}
	}
	walk(value, "")
}
