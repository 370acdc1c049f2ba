package session

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// No body crashes the parser of log-ins, and accepted values can be stored.
func FuzzLogin(f *testing.F) {
	for _, seed := range []string{
		`{"email":" A@Example.com ","password":"x","new_password":"Mine, for good: 1"}`,
		`{"email":"a@b\u0000.c","password":"\u2028"}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, err := readLogin(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wiretest.WantText(t, l.Email, identity.MaxEmail)
			if l.NewPassword != "" && identity.ValidatePassword("new_password", l.NewPassword) != nil {
				t.Errorf("got login %+v accepted, want an error", l)
			}
		}
	})
}
