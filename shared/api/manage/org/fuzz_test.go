package org

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// No body crashes the parser of an org's settings, and accepted values can be stored.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		`{"name":"Café","allowed_origins":["https://a.example","*"]}`,
		`{"allowed_origins":[null],"name":"\u2028"}`,
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
		if p, err := readSettings(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			if p.Name != nil {
				wiretest.WantText(t, *p.Name, 4*identity.MaxName)
			}
			if p.AllowedOrigins != nil && identity.ValidateOrigins(*p.AllowedOrigins) != nil {
				t.Errorf("got origins %q accepted, want an error", *p.AllowedOrigins)
			}
		}
	})
}
