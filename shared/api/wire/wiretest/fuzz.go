package wiretest

import (
	"net/http"
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
		t.Errorf("accepted %q", s)
	}
}

// WantShowable checks that a request was refused with an error that its caller may see.
func WantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) {
		t.Errorf("refused with %v", err)
	}
}

// WantPathID checks that read returns the id in a path, in lower case, or NotFound.
func WantPathID(t *testing.T, r *http.Request, path string, read func(*http.Request) (string, error)) {
	t.Helper()
	if got, err := read(r); err == nil && (got != strings.ToLower(path) || len(got) != 36) || err != nil && !fault.Is(err, fault.NotFound) {
		t.Errorf("%q is %q, %v", path, got, err)
	}
}
