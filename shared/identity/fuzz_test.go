package identity_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// No credential, email address or origin crashes its parser, and no credential has two
// meanings.
func FuzzCredentials(f *testing.F) {
	f.Add("fj_live_0123456789ABCDEFGHIJKLMNOPQRSTUVW")
	f.Add("a.b.c")
	f.Add(" O'Neill+x@Mail.Example.COM ")
	f.Add("https://www.example.com:8443")
	f.Add("http://a.example,b.example")
	f.Add("http://[::1%25en0]:80")
	f.Add("\xff@\u2028.é\x00")
	f.Fuzz(func(t *testing.T, s string) {
		if identity.WellFormed(s) && (identity.IsSessionToken(s) || len(s) != len("fj_live_")+33) {
			t.Errorf("got %q accepted as a key, want it refused", s)
		}
		email, err := identity.CleanEmail(s)
		if err != nil {
			if e := fault.From(err); e.Code != fault.Invalid || !utf8.ValidString(e.Message) {
				t.Errorf("%q: got %v, want Invalid in valid UTF-8", s, err)
			}
		} else if again, err := identity.CleanEmail(email); again != email || err != nil || len(email) > identity.MaxEmail || strings.ContainsAny(email, " \r\n\t,<>\"") {
			t.Errorf("%q: got %q, which is cleaned as %q, %v; want one address that stays the same", s, email, again, err)
		}
		if identity.ValidateOrigins([]string{s}) == nil && s != "*" {
			u, err := url.Parse(s)
			if err != nil || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(s, " \r\n,") {
				t.Errorf("%q: got %v, want an error or a bare http(s) origin", s, err)
			}
		}
	})
}
