package contact

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// No body crashes the reader of a contact's change, and an accepted one is within the bounds.
func FuzzContactBodies(f *testing.F) {
	for _, seed := range []string{`{"name":" Ann ","opted_out":false}`, `{"name":null,"opted_out":true}`, `[]`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPatch, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		p, err := readPatch(o)
		switch {
		case err != nil:
			wiretest.WantShowable(t, err)
		case p.Name == nil && p.OptedOut == nil:
			t.Error("got a change of nothing accepted, want an error")
		case p.Name != nil:
			wiretest.WantText(t, *p.Name, 4*inbox.MaxContactName)
		}
	})
}

// No path crashes the reader of a contact's id.
func FuzzContactID(f *testing.F) { wiretest.FuzzPathID(f, "id", contactID) }
