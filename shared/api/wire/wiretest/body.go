package wiretest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
)

// WantRefusals checks that read refuses each body with an Invalid error that has the
// given message. An error must not name another field than its message.
func WantRefusals(t *testing.T, read func(body.Object) error, refusals map[string]string) {
	t.Helper()
	for raw, want := range refusals {
		o, err := body.Read(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(raw)))
		if err == nil {
			err = read(o)
		}
		e := fault.From(err)
		switch {
		case e == nil:
			t.Errorf("%s: accepted, want %q", brief(raw), want)
		case e.Code != fault.Invalid || e.Message != want:
			t.Errorf("%s:\n got %q\nwant %q", brief(raw), e, want)
		case e.Field != "body" && !strings.Contains(e.Message, e.Field):
			t.Errorf("%s: got the field %q, want the one in %q", brief(raw), e.Field, want)
		}
	}
}

func brief(raw string) string { return raw[:min(len(raw), 100)] }
