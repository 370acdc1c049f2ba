package body

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func objectOf(t *testing.T, body string) Object {
	t.Helper()
	o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// sameField reports whether err is an error of the field. For an empty field, err must be nil.
func sameField(err error, field string) bool {
	e := fault.From(err)
	return err == nil && field == "" || err != nil && e.Code == fault.Invalid && e.Field == field
}

func TestOptionalInt(t *testing.T) {
	for body, c := range map[string]struct {
		want  *int
		field string
	}{
		`{"n":1}`: {new(1), ""}, `{"n": 10 }`: {new(10), ""}, `{}`: {nil, ""}, `{"n":null}`: {nil, ""},
		`{"n":0}`: {nil, "n"}, `{"n":11}`: {nil, "n"}, `{"n":-1}`: {nil, "n"}, `{"n":1.5}`: {nil, "n"}, `{"n":1e-1}`: {nil, "n"},
		`{"n":1.0}`: {new(1), ""}, `{"n":1e0}`: {new(1), ""}, `{"n":100e-1}`: {new(10), ""}, `{"n":1e99}`: {nil, "n"}, // integers to JSON Schema
		`{"n":"1"}`: {nil, "n"}, `{"n":true}`: {nil, "n"}, `{"n":[]}`: {nil, "n"}, `{"n":{}}`: {nil, "n"},
		`{"n":99999999999999999999}`: {nil, "n"},
	} {
		got, err := objectOf(t, body).OptionalInt("n", 1, 10)
		if d := cmp.Diff(c.want, got); d != "" || !sameField(err, c.field) {
			t.Errorf("%s: got error %v, want field %q; value (-want +got):\n%s", body, err, c.field, d)
		}
	}
}

func TestOptionalNumber(t *testing.T) {
	for body, c := range map[string]struct {
		want  *float64
		field string
	}{
		`{"n":0}`: {new(0.0), ""}, `{"n":-0.0}`: {new(0.0), ""}, `{"n":1.25}`: {new(1.25), ""}, `{"n":2e0}`: {new(2.0), ""}, `{"n":1e-400}`: {new(0.0), ""},
		`{}`: {nil, ""}, `{"n":null}`: {nil, ""},
		`{"n":2.0001}`: {nil, "n"}, `{"n":-0.1}`: {nil, "n"}, `{"n":1e999}`: {nil, "n"}, `{"n":"1"}`: {nil, "n"}, `{"n":true}`: {nil, "n"},
	} {
		got, err := objectOf(t, body).OptionalNumber("n", 0, 2)
		if d := cmp.Diff(c.want, got); d != "" || !sameField(err, c.field) {
			t.Errorf("%s: got error %v, want one of %q; value (-want +got):\n%s", body, err, c.field, d)
		}
	}
}

func TestOptionalCredits(t *testing.T) {
	for body, c := range map[string]struct {
		want  *ledger.Credits
		field string
	}{
		`{"a":1.5}`: {new(3 * ledger.Credit / 2), ""}, `{"a":"-2"}`: {new(-2 * ledger.Credit), ""}, `{"a":1e-06}`: {new(ledger.Credits(1)), ""}, `{"a":"1e-06"}`: {nil, "a"},
		`{"a": 10 }`: {new(10 * ledger.Credit), ""}, `{"a":-2}`: {new(-2 * ledger.Credit), ""}, `{}`: {nil, ""}, `{"a":null}`: {nil, ""},
		`{"a":10.000001}`: {nil, "a"}, `{"a":-2.000001}`: {nil, "a"}, `{"a":0.0000001}`: {nil, "a"}, `{"a":""}`: {nil, "a"}, `{"a":"1 "}`: {nil, "a"},
		`{"a":"\u0000"}`: {nil, "a"}, `{"a":"\ud800"}`: {nil, "a"}, `{"a":true}`: {nil, "a"}, `{"a":[1]}`: {nil, "a"}, `{"a":{}}`: {nil, "a"},
		`{"a":9223372036854775808}`: {nil, "a"},
	} {
		got, err := objectOf(t, body).OptionalCredits("a", -2*ledger.Credit, 10*ledger.Credit)
		if d := cmp.Diff(c.want, got); d != "" || !sameField(err, c.field) {
			t.Errorf("%s: got error %v, want field %q; value (-want +got):\n%s", body, err, c.field, d)
		}
	}
}

func TestOptionalChild(t *testing.T) {
	for body, c := range map[string]struct {
		ok    bool
		field string
	}{
		`{"c":{"b":1,"a":2}}`: {true, ""}, `{}`: {false, ""}, `{"c":null}`: {false, ""},
		`{"c":1}`: {false, "c"}, `{"c":"{}"}`: {false, "c"}, `{"c":[]}`: {false, "c"},
		`{"c":{"\u0000":1}}`: {false, "c"}, `{"c":{"\ud800":1}}`: {false, "c"}, "{\"c\":{\"\xff\":1}}": {false, "c"}, `{"c":{"a":{"x":"\udc00"}}}`: {false, "c"},
	} {
		child, ok, err := objectOf(t, body).OptionalChild("c")
		if ok != c.ok || !sameField(err, c.field) {
			t.Errorf("%q: got %t, %v; want %t, field %q", body, ok, err, c.ok, c.field)
			continue
		}
		if !ok {
			continue
		}
		if d := cmp.Diff([]string{"a", "b"}, child.Fields()); d != "" {
			t.Errorf("fields (-want +got):\n%s", d)
		}
		if _, err := child.OptionalInt("a", 5, 6); !sameField(err, "c.a") {
			t.Errorf("got %v for an error of the child, want field c.a", err)
		}
	}
}
