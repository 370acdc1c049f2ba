package body

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
)

func TestOptionalObjects(t *testing.T) {
	const rule = "must be a list of parts"
	for name, c := range map[string]struct {
		body  string
		count int
		want  string // the error's message; empty: none
	}{
		"two":             {`{"l":[{"a":1},{}]}`, 2, ""},
		"none":            {`{"l":[]}`, 0, ""},
		"absent":          {`{}`, 0, ""},
		"null":            {`{"l":null}`, 0, ""},
		"an object":       {`{"l":{}}`, 0, "l must be a list of parts, not an object"},
		"a string in it":  {`{"l":[{},"x"]}`, 0, "l[1] must be an object, not a string"},
		"null in it":      {`{"l":[null]}`, 0, "l[0] must be an object, not null"},
		"NUL in it":       {`{"l":[{"a":["\u0000"]}]}`, 0, "l must not contain NUL"},
		"half a pair":     {`{"l":[{"\ud83c":1}]}`, 0, "l must not contain lone surrogates"},
		"bytes not UTF-8": {"{\"l\":[{\"a\":\"\xff\"}]}", 0, "l must be valid UTF-8"},
	} {
		o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := o.OptionalObjects("l", rule)
		if len(got) != c.count || (err == nil) != (c.want == "") || err != nil && fault.From(err).Message != c.want {
			t.Errorf("%s: got %d, %v, want %d, %q", name, len(got), err, c.count, c.want)
		}
	}
}

// The errors of an element's fields have the whole path.
func TestChild_Path(t *testing.T) {
	o, err := Read(httptest.NewRequest("POST", "/", strings.NewReader(`{"l":[{},{"c":{}}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := o.OptionalObjects("l", "must be a list of parts")
	if err != nil || string(all[1].Raw) != `{"c":{}}` {
		t.Fatalf("got %v, %v", all, err)
	}
	if _, err := all[0].Child("c"); err == nil || fault.From(err).Message != "l[0].c is required and must be an object" {
		t.Errorf("got %v", err)
	}
	child, err := all[1].Child("c")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.String("s", "must be a string"); err == nil || fault.From(err).Field != "l[1].c.s" {
		t.Errorf("got %v", err)
	}
}
