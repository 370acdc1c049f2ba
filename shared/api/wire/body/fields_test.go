package body

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func TestNoChange(t *testing.T) {
	const all = "At least one of name, url and status is required"
	for name, c := range map[string]struct{ body, want string }{
		"empty":      {`{}`, all},
		"null":       {`{"name":null}`, "name must not be null; at least one of name, url and status is required"},
		"unknown":    {`{"colour":"x"}`, `Unknown field "colour"; allowed: name, url, status`},
		"misspelt":   {`{"nam":"x"}`, `Unknown field "nam" (did you mean name?); allowed: name, url, status`},
		"other case": {`{"name":null,"Url":"x"}`, `Unknown field "Url" (did you mean url?); allowed: name, url, status`},
		"separators": {`{"sta-tus":"x"}`, `Unknown field "sta-tus" (did you mean status?); allowed: name, url, status`},
		"nearest":    {`{"colour":"x","statsu":"x"}`, `Unknown field "statsu" (did you mean status?); allowed: name, url, status`},
		"control":    {`{"a\u0000b":1}`, `Unknown field "a\x00b"; allowed: name, url, status`},
		"our key":    {`{"af_live_abcdefghijklmnopqrstuvwxyzABCDEFGH":1}`, `Unknown field "af_l..."; allowed: name, url, status`},
		"a key":      {`{"sk-proj-` + strings.Repeat("aB3", 7) + `":1}`, `Unknown field "sk-p..."; allowed: name, url, status`},
		"a password": {`{"Harbour-7w4kq9m2x5v8z3n6p1r0t":1}`, `Unknown field "Harb..."; allowed: name, url, status`},
		"numbered":   {`{"sha256_of_the_body":1}`, `Unknown field "sha256_of_the_body"; allowed: name, url, status`},
		"one word":   {`{"maximumOutputTokensPerRequest":1}`, `Unknown field "maximumOutputTokensPerRequest"; allowed: name, url, status`},
		"surrogate":  {`{"\ud800":1}`, `Unknown field "�"; allowed: name, url, status`},
		"long":       {`{"` + strings.Repeat("é", 65) + `":1}`, `Unknown field "` + strings.Repeat("é", 64) + `..."; allowed: name, url, status`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := objectOf(t, c.body).Allow("name", "url", "status").NoChange().Error(), "invalid: "+c.want; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	child, _, err := objectOf(t, `{"prices":{"per_trun":1}}`).OptionalChild("prices")
	if err != nil {
		t.Fatal(err)
	}
	got, want := child.Allow("per_turn", "models").NoChange().Error(), `invalid: Unknown field "prices.per_trun" (did you mean prices.per_turn?); allowed: prices.per_turn, prices.models`
	if got != want {
		t.Errorf("a child: got %s, want %s", got, want)
	}
}

func TestMissing(t *testing.T) {
	const rule = "role is required and must be owner or member"
	for name, c := range map[string]struct{ body, want string }{
		"empty":          {`{}`, rule},
		"null":           {`{"role":null}`, "role must be owner or member, not null"},
		"misspelt":       {`{"email":"a","rol":"owner"}`, rule + `; unknown field "rol" (did you mean role?); allowed: email, role`},
		"near one given": {`{"email":"a","emial":"a"}`, rule + `; unknown field "emial"; allowed: email, role`},
		"number":         {`{"role":1}`, "role must be owner or member, not a number"},
		"other value":    {`{"role":"admin"}`, "role must be owner or member"},
		"valid":          {`{"role":"owner"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := objectOf(t, c.body).Allow("email", "role").OneOf("role", "owner", "member")
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "invalid: ")
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The error of a field with a wrong kind of value names that kind.
func TestOtherKind(t *testing.T) {
	o := objectOf(t, `{"string":"a","number":1,"list":[],"object":{},"true":true}`)
	errOf := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"number must be a string, not a number":                                                errOf(o.String("number", aString)),
		"list must be a string, not a list":                                                    errOf(o.OptionalString("list", aString)),
		"object must be true or false, not an object":                                          errOf(o.Bool("object", false)),
		"string must be a whole number from 1 to 2, not a string":                              errOf(o.OptionalInt("string", 1, 2)),
		"true must be a number from 0 to 1 with at most six decimal places, not true or false": errOf(o.OptionalCredits("true", 0, ledger.Credit)),
		"string must be a list of names, not a string":                                         errOf(o.OptionalStrings("string", "must be a list of names")),
		"list must be an object of at most 9 bytes, not a list":                                errOf(o.OptionalObject("list", 9)),
		"number must be a string or a list of text parts, not a number":                        errOf(o.Text("number")),
		"object must be a list of messages, not an object":                                     errOf(Messages(o, "object")),
		"string must be an object, not a string":                                               errOf(Message(o, "string")),
	} {
		if got, want := fault.From(err).Error(), "invalid: "+want; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	list := objectOf(t, `{"l":["a",null]}`)
	if _, err := list.OptionalStrings("l", "must be a list of names"); err == nil || err.Error() != "invalid: l[1] must be a string, not null" {
		t.Errorf("got %v for an element, want invalid: l[1] must be a string, not null", err)
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
			t.Fatalf("%q: got no error, want one", body)
		}
		if got, want := err.Error(), "invalid: "+prefix+want; got != want {
			t.Errorf("%q: got %s, want %s", body, got, want)
		}
	}
}
