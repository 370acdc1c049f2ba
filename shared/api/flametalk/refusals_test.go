package flametalk

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadNew_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readNew(o); return err }, map[string]string{
		`{}`:                                "name is required and must be a string of 1 to 100 characters",
		`{"name":null}`:                     "name must be a string of 1 to 100 characters, not null",
		`{"name":1}`:                        "name must be a string of 1 to 100 characters, not a number",
		`{"name":""}`:                       "name must be a string of 1 to 100 characters",
		`{"name":" "}`:                      "name must not be blank",
		`{"name":"a"}`:                      "instructions is required and must be a string of 1 to 50000 characters",
		`{"name":"a","instruction":"b"}`:    `instructions is required and must be a string of 1 to 50000 characters; unknown field "instruction" (did you mean instructions?); allowed: name, description, instructions`,
		`{"name":"a","system_prompt":"b"}`:  `instructions is required and must be a string of 1 to 50000 characters; unknown field "system_prompt"; allowed: name, description, instructions`,
		`{"name":"a","instructions":["b"]}`: "instructions must be a string of 1 to 50000 characters, not a list",
		`{"name":"a","instructions":""}`:    "instructions must be a string of 1 to 50000 characters",
		`{"description":{}}`:                "description must be a string of at most 500 characters, not an object",
		`{"description":"` + strings.Repeat("é", 501) + `"}`: "description must be a string of at most 500 characters",
	})
}
