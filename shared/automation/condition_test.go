package automation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
)

func TestTest_Holds(t *testing.T) {
	const data = `{"n": 10, "zero": -0.00e-999999, "half": 0.5, "big": 12345678901234567890, "text": "Hello", "none": null, "list": ["a", 2], "empty": "", "same": {"a": [1.0]}, "no": false}`
	for test, want := range map[string]bool{
		`{"left": "n", "op": "eq", "right": 10.0}`:                                true,
		`{"left": "n", "op": "eq", "right": "10"}`:                                false,
		`{"left": "n", "op": "ne", "right": "10"}`:                                true,
		`{"left": "n", "op": "gt", "right": 9}`:                                   true,
		`{"left": "n", "op": "gt", "right": "9"}`:                                 false,
		`{"left": "n", "op": "lte", "right": 10}`:                                 true,
		`{"left": "half", "op": "lt", "right": 5e-1}`:                             false,
		`{"left": "half", "op": "gte", "right": 5e-1}`:                            true,
		`{"left": "big", "op": "lt", "right": 12345678901234567891}`:              true,
		`{"left": "n", "op": "lt", "right": 1e999999999}`:                         false,
		`{"left": "n", "op": "gt", "right": 1e-999999}`:                           false,
		`{"left": "zero", "op": "eq", "right": 0}`:                                true,
		`{"left": "zero", "op": "lt", "right": 1e-50}`:                            true,
		`{"left": "text", "op": "lt", "right": "World"}`:                          true,
		`{"left": "text", "op": "contains", "right": "ell"}`:                      true,
		`{"left": "text", "op": "contains", "right": "ELL"}`:                      false,
		`{"left": "text", "op": "starts_with", "right": "Hel"}`:                   true,
		`{"left": "list", "op": "contains", "right": 2.0}`:                        true,
		`{"left": "list", "op": "contains", "right": "2"}`:                        false,
		`{"left": "list.0", "op": "eq", "right": "a"}`:                            true,
		`{"left": "list.00", "op": "exists"}`:                                     false,
		`{"left": "list.2", "op": "exists"}`:                                      false,
		`{"left": "none", "op": "exists"}`:                                        false,
		`{"left": "no", "op": "exists"}`:                                          true,
		`{"left": "no", "op": "eq", "right": false}`:                              true,
		`{"left": "none", "op": "eq", "right": null}`:                             true,
		`{"left": "missing", "op": "eq", "right": null}`:                          true,
		`{"left": "missing.deep", "op": "empty"}`:                                 true,
		`{"left": "empty", "op": "empty"}`:                                        true,
		`{"left": "no", "op": "empty"}`:                                           false,
		`{"left": "same", "op": "eq", "right": {"a": [1]}}`:                       true,
		`{"left": "same", "op": "eq", "right": {"a": [1], "b": null}}`:            false,
		`{"not": {"left": "n", "op": "eq", "right": 10}}`:                         false,
		`{"all": [{"left": "n", "op": "exists"}, {"left": "no", "op": "empty"}]}`: false,
		`{"any": [{"left": "n", "op": "exists"}, {"left": "no", "op": "empty"}]}`: true,
	} {
		var tested automation.Test
		if err := json.Unmarshal([]byte(test), &tested); err != nil {
			t.Fatalf("%s: %v", test, err)
		}
		var with any
		d := json.NewDecoder(strings.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&with); err != nil {
			t.Fatal(err)
		}
		if got := tested.Holds(with); got != want {
			t.Errorf("%s: got %t, want %t", test, got, want)
		}
	}
}

// Numbers with huge exponents take no time: the sender of a webhook chooses them.
func TestTest_HugeExponents(t *testing.T) {
	list := make([]any, 20_000)
	for i := range list {
		list[i] = json.Number("1e-999999")
	}
	test := automation.Test{Left: "list", Op: automation.Contains, Right: json.RawMessage("2e-999999")}
	began := time.Now()
	if test.Holds(map[string]any{"list": list}) {
		t.Error("got 2e-999999 in a list of 1e-999999")
	}
	if took := time.Since(began); took > 10*time.Second { // it would be 20 minutes
		t.Errorf("the test took %s", took)
	}
}
