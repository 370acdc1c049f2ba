package frame

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// No query crashes the parser of page requests.
func FuzzPage(f *testing.F) {
	f.Add("limit=5&cursor=" + Cursor{ID: "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f", At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}.String())
	f.Add("cursor=%ff&limit=0")
	f.Add("cursor=")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		limit, after, err := readPage(r, param.IsID)
		switch {
		case err != nil:
			wiretest.WantShowable(t, err)
		case limit < 1 || limit > 100:
			t.Errorf("%q: got limit %d, want 1 to 100", query, limit)
		case after != nil:
			again, ok := parseCursor(after.String(), param.IsID)
			if !ok || *again != *after || !param.IsID(after.ID) {
				t.Errorf("got cursor %+v read back, want %+v", again, after)
			}
		}
	})
}
