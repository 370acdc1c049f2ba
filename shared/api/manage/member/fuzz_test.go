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
	f.Add("0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f")
	f.Add("0190D3C0-7A5E-7CC3-98C4-DC0C0C07398F")
	f.Add("ORG")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("id", path)
		wiretest.WantPathID(t, r, path, memberID)
	})
}
