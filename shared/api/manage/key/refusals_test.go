package key

import (
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

func TestReadKey_Refusals(t *testing.T) {
	var none agent.Reader // no key is bound before its fields are valid
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readKey(t.Context(), o, none, "org", time.Now()); return err }, map[string]string{
		`{}`:            "name is required and must be a string of 1 to 100 characters",
		`{"name":null}`: "name must be a string of 1 to 100 characters, not null",
		`{"name":7}`:    "name must be a string of 1 to 100 characters, not a number",
		`{"name":" "}`:  "name must be a string of 1 to 100 characters",
		`{"name":"` + strings.Repeat("é", 101) + `"}`: "name must be a string of 1 to 100 characters",
		`{"naem":"a"}`:                 `name is required and must be a string of 1 to 100 characters; unknown field "naem" (did you mean name?); allowed: name, prefix, agent_id`,
		`{"name":"a","prefix":"xx"}`:   "prefix must be one of af, fj, fg, fx, ft",
		`{"name":"a","prefix":["af"]}`: "prefix must be one of af, fj, fg, fx, ft, not a list",
		`{"name":"a","agent_id":1}`:    "agent_id must be the id or slug of an agent, not a number",
	})
}
