package body

import (
	"strings"
	"testing"
)

func TestNoChange(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"empty":      {`{}`, "At least one of name, url and status is required"},
		"nulls":      {`{"name":null}`, "At least one of name, url and status is required"},
		"misspelt":   {`{"nam":"x"}`, `Unknown field "nam"; allowed: name, url, status`},
		"other case": {`{"name":null,"Url":"x"}`, `Unknown field "Url"; allowed: name, url, status`},
		"control":    {`{"a\u0000b":1}`, `Unknown field "a\x00b"; allowed: name, url, status`},
		"long":       {`{"` + strings.Repeat("é", 65) + `":1}`, `Unknown field "` + strings.Repeat("é", 64) + `..."; allowed: name, url, status`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := objectOf(t, c.body).NoChange("name", "url", "status").Error(), "invalid: "+c.want; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestRead_NotAnObject(t *testing.T) {
	const prefix = "The request body must be a JSON object"
	for body, want := range map[string]string{
		``:                     ": it is empty",
		" \n":                  ": it is empty",
		`{"a":1,}`:             ": it is not valid JSON at line 1, column 8",
		"{\n \"é\": 'x'\n}":    ": it is not valid JSON at line 2, column 7",
		`{"a":`:                ": it is not valid JSON at line 1, column 5",
		`{}{}`:                 ": it is not valid JSON at line 1, column 3",
		`{"a":"` + "\n" + `"}`: ": it is not valid JSON at line 1, column 7",
		`[1]`:                  ", not a list",
		` "a"`:                 ", not a string",
		`true`:                 ", not true or false",
		`null`:                 ", not null",
		`-1`:                   ", not a number",
	} {
		_, err := parseObject("", []byte(body))
		if err == nil {
			t.Fatalf("%q: got no error", body)
		}
		if got, want := err.Error(), "invalid: "+prefix+want; got != want {
			t.Errorf("%q: got %s, want %s", body, got, want)
		}
	}
}
