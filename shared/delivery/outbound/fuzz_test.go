package outbound

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// No URL crashes the parser. For an accepted URL net/http parses the same host and port, and
// no host is a disguised number.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/hook?a=b#c", "http://[2001:db8::1]:8080/", "http://2130706433/", "http://0x7f.1/", "http://0B0", "http://[0::]:01", "http://a@b/", "http://h:0/",
		"http://[::ffff:127.0.0.1]/", "http://[fe80::1%25eth0]/", "http://1.2.3.4.:99999/", "//x", "http:x", "http://x:/", "HTTP://X.", "http://\u0131.example/",
		"http://h/a%2Fb/\u00e9?q=a b&c[]=%5b%%", "http://h?%zz", "http://h/%", "http://h/a;b=(c)\\d\"e?\u00fc#\u00fc", "http://h/\xff?\xff", "http://h/?",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		host, port, err := parse("url", raw)
		if err != nil {
			if e := fault.From(err); e.Code != fault.Invalid || e.Field != "url" || !utf8.ValidString(e.Message) {
				t.Errorf("%q: got error %v, want Invalid of url in valid UTF-8", raw, err)
			}
			return
		}
		req, err := http.NewRequest(http.MethodPost, escape(raw), nil)
		if err != nil {
			t.Fatalf("%q is taken, and cannot be sent: %v", raw, err)
		}
		sent, _ := strconv.ParseUint(req.URL.Port(), 10, 16)
		if req.URL.Hostname() != host || req.URL.Port() != "" && uint16(sent) != port || req.URL.User != nil || port == 0 {
			t.Errorf("%q: got host %q and port %d, want %q and %q without a user", raw, host, port, req.URL.Hostname(), req.URL.Port())
		}
		if again := escape(escape(raw)); again != escape(raw) {
			t.Errorf("%q: got %q escaped twice, want %q as once", raw, again, escape(raw))
		}
		if strings.IndexFunc(req.URL.RequestURI(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) >= 0 {
			t.Errorf("%q: got request %q, want only visible ASCII", raw, req.URL.RequestURI())
		}
		if _, sent := cutOrigin(escape(raw)); sent != "" && req.URL.RequestURI() != sent && req.URL.RequestURI() != "/"+sent {
			t.Errorf("%q: got request %q, want %q", raw, req.URL.RequestURI(), sent)
		}
		labels := strings.Split(strings.TrimSuffix(host, "."), ".")
		_, notNumber := strconv.ParseUint(labels[len(labels)-1], 0, 64)
		if _, err := netip.ParseAddr(host); err != nil && notNumber == nil {
			t.Errorf("%q: got host %q accepted, want it refused as a number", raw, host)
		}
	})
}
