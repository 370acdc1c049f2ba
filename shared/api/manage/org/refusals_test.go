package org

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadSettings_Refusals(t *testing.T) {
	const origins = "allowed_origins must be a list of at most 50 origins"
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readSettings(o); return err }, map[string]string{
		`{}`:                             "At least one of allowed_origins and name is required",
		`{"name":null}`:                  "name must not be null; at least one of allowed_origins and name is required",
		`{"name":{}}`:                    "name must be a string of 1 to 100 characters, not an object",
		`{"name":""}`:                    "name must be a string of 1 to 100 characters",
		`{"colour":"x"}`:                 `Unknown field "colour"; allowed: allowed_origins, name`,
		`{"allowedOrigins":[]}`:          `Unknown field "allowedOrigins" (did you mean allowed_origins?); allowed: allowed_origins, name`,
		`{"allowed_origins":"*"}`:        origins + ", not a string",
		`{"allowed_origins":["*",null]}`: "allowed_origins[1] must be a string, not null",
		`{"allowed_origins":["https://a.example","b"]}`:               "allowed_origins[1] must be an origin such as https://www.example.com, or *",
		`{"allowed_origins":["*"` + strings.Repeat(`,"*"`, 50) + `]}`: origins,
	})
}
