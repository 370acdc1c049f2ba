package identity_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

func TestValidateOrigins_BrowserForm(t *testing.T) {
	for _, good := range []string{
		"*", "https://example.com", "https://www.example.com:8443", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080", "https://xn--bcher-kva.example",
	} {
		if err := identity.ValidateOrigins([]string{good}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "null", "example.com", "https://", "https://:443", "https://example.com/", "https://example.com/x", "https://example.com?x", "https://example.com#x",
		"https://Example.com", "HTTPS://example.com", "https://example.com:443", "http://example.com:80", "https://example.com:", "https://user@example.com",
		"ftp://example.com", "https://*.example.com/*", "https://example.com ", " https://example.com", "https://exa mple.com", "https://example.com\n",
		"https://" + strings.Repeat("x", 255) + ".example", "//example.com", "javascript:alert(1)", "**",
	} {
		if err := identity.ValidateOrigins([]string{"https://good.example", bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v, want Invalid", bad, err)
		}
	}
	if err := identity.ValidateOrigins(make([]string, identity.MaxOrigins+1)); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v for too many origins, want Invalid", err)
	}
}

func TestCleanEmail(t *testing.T) {
	for raw, want := range map[string]string{
		"a@example.com": "a@example.com", "A.B+c@Example.COM": "a.b+c@example.com", "o'neill@mail.b-c.example": "o'neill@mail.b-c.example",
		" a@example.com": "", "a@example": "", "a..b@example.com": "", ".a@example.com": "", "a@-b.example": "", "a@b_c.example": "", "K@example.com": "",
		"": "", "a": "", "a@": "", "@example.com": "", "a b@example.com": "", "a@b@c": "", "A <a@example.com>": "", "a@example.com, b@example.com": "",
		`"a b"@example.com`: "", "a@example.com\r\nBcc: b@example.com": "", strings.Repeat("a", 250) + "@b.de": "",
	} {
		got, err := identity.CleanEmail(raw)
		if got != want || (err == nil) != (want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %q, %v; want %q, else Invalid", raw, got, err, want)
		}
	}
}

func TestValidatePassword(t *testing.T) {
	for password, good := range map[string]bool{
		"12 letters ok": true, strings.Repeat("é", 12): true, strings.Repeat("x", 256): true,
		"": false, "short": false, strings.Repeat("é", 11): false, strings.Repeat("x", 257): false, " padded, as it is": false,
	} {
		if err := identity.ValidatePassword("new_password", password); (err == nil) != good || err != nil && fault.From(err).Field != "new_password" {
			t.Errorf("%q: got %v, want no error: %t, else one of new_password", password, err, good)
		}
	}
}

func TestValidateName(t *testing.T) {
	for name, good := range map[string]bool{
		"x": true, " x ": true, strings.Repeat("é", 100): true, "": false, " \t": false, strings.Repeat("x", 101): false,
	} {
		if err := identity.ValidateName(name); (err == nil) != good {
			t.Errorf("%q: got %v, want no error: %t", name, err, good)
		}
	}
}
