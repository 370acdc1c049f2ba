package thread

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/thread"
)

// No body crashes the reader of a thread's change, and an accepted one is within the bounds.
func FuzzThreadBodies(f *testing.F) {
	for _, seed := range []string{`{"title":" A\n title ","handed_over":false}`, `{"title":null,"handed_over":true}`, `[]`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPatch, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		p, err := readPatch(o)
		switch {
		case err != nil:
			wiretest.WantShowable(t, err)
		case p.Title == nil && p.HandedOver == nil:
			t.Error("got a change of nothing accepted, want an error")
		case p.Title != nil:
			wiretest.WantText(t, *p.Title, 4*thread.MaxTitle)
		}
	})
}

// No query crashes the reader of a filter.
func FuzzThreadFilter(f *testing.F) {
	f.Add("agent_id=a&channel=whatsapp&contact_id=0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f&handed_over=true&from=2026-01-01&to=2026-01-02")
	f.Add("handed_over=&from=%ff")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		only, err := readFilter(r)
		switch {
		case err != nil:
			wiretest.WantShowable(t, err)
		case !only.To.IsZero() && !only.From.Before(only.To):
			t.Errorf("%q: got %+v accepted, want an error", query, only)
		}
	})
}

// No path crashes the reader of a thread's id.
func FuzzThreadID(f *testing.F) {
	f.Add("0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f.0190D3C0-7A5E-7CC3-98C4-DC0C0C07398F")
	f.Add("\xff#")
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("id", path)
		id, err := threadID(r)
		switch {
		case err == nil && !thread.ValidID(id):
			t.Errorf("%q: got id %q, want a valid one", path, id)
		case err != nil && !fault.Is(err, fault.NotFound):
			t.Errorf("%q: got %v, want NotFound", path, err)
		}
	})
}

// No cursor of a message crashes the list.
func FuzzMessageID(f *testing.F) {
	f.Add("msg-1796004555894571a-0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f")
	f.Fuzz(func(t *testing.T, id string) {
		if isMessageID(id) && !strings.HasPrefix(id, "msg-") {
			t.Errorf("got %q accepted as a message's id, want it refused", id)
		}
	})
}
