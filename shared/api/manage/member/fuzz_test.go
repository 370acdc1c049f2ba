package member

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// No body crashes the parser of roles, and accepted values can be stored.
func FuzzRole(f *testing.F) {
	for _, seed := range []string{
		`{"email":"a@b.example","role":"owner"}`,
		`{"role":"god"}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if role, err := readRole(o); err != nil {
			wiretest.WantShowable(t, err)
		} else if role != identity.Owner && role != identity.Member {
			t.Errorf("got role %q accepted, want owner or member", role)
		}
	})
}

// No path crashes the parser of member ids.
func FuzzMemberID(f *testing.F) {
	wiretest.FuzzPathID(f, "id", memberID)
}
