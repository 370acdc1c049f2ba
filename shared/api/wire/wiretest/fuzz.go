package wiretest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// WantText checks that an accepted text can be stored: it is not empty, is valid UTF-8 and has at most
// longest bytes.
func WantText(t *testing.T, s string, longest int) {
	t.Helper()
	if s == "" || !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > longest {
		t.Errorf("got %q accepted, want an error or a text of 1 to %d bytes", s, longest)
	}
}

// WantShowable checks that a request was refused with an error that its caller may see.
func WantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) {
		t.Errorf("got %v, want an error that its caller may see", err)
	}
}

// FuzzPathID checks that read returns the id in the named part of any path, in lower case, or
// NotFound.
func FuzzPathID(f *testing.F, name string, read func(*http.Request) (string, error)) {
	f.Add("0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f")
	f.Add("0190D3C0-7A5E-7CC3-98C4-DC0C0C07398F")
	f.Add("ORG")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.SetPathValue(name, path)
		got, err := read(r)
		switch {
		case err == nil && (got != strings.ToLower(path) || len(got) != 36):
			t.Errorf("%q: got id %q, want the path in lower case, of 36 characters", path, got)
		case err != nil && !fault.Is(err, fault.NotFound):
			t.Errorf("%q: got %v, want NotFound", path, err)
		}
	})
}
