package contact

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadPatch_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readPatch(o); return err }, map[string]string{
		`{}`:                    "At least one of name and opted_out is required",
		`{"name":null}`:         "name must not be null; at least one of name and opted_out is required",
		`{"name":" "}`:          "name must be a string of 1 to 100 characters",
		`{"name":1}`:            "name must be a string of 1 to 100 characters, not a number",
		`{"opted_out":"false"}`: "opted_out must be true or false, not a string",
		`{"address":"1"}`:       `Unknown field "address"; allowed: name, opted_out`,
	})
}
