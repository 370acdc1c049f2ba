package automation

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/automation"
)

// No body crashes a reader of automations, and an accepted name can be stored.
func FuzzAutomationBodies(f *testing.F) {
	for _, seed := range []string{
		`{"name":" a ","trigger":` + aClock + `,"steps":[` + aPause + `]}`,
		`{"name":"a","trigger":{"type":"webhook","path":"new-orders","verify":{"type":"bearer","secret":null}},"steps":[{"id":"a","type":"http","url":"https://a.example/{{run.id}}","secret_headers":["X"]}]}`,
		`{"steps":[{"id":"a","type":"condition","if":{"not":{"left":"vars.x","op":"eq","right":1e999}},"then":[` + aPause + `]}],"disabled":true}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if name, _, err := readNew(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wiretest.WantText(t, name, 400)
		}
		c, err := readChange(o)
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if c.name != nil {
			wiretest.WantText(t, *c.name, 400)
		}
		if _, err := c.definition.parse(automation.Definition{}); err != nil {
			wiretest.WantShowable(t, err)
		}
	})
}

// No path crashes the reader of an automation's id.
func FuzzAutomationID(f *testing.F) {
	wiretest.FuzzPathID(f, "id", automationID)
}
