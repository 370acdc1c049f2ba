package param

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
)

// No query crashes the parser of numbers, and no accepted number is outside its range.
func FuzzQueryInt(f *testing.F) {
	for _, seed := range []string{"limit=5", "limit=", "limit=5&limit=6", "limit=%31", "limit=+5", "limit=99999999999999999999", "limit=0x5;", "%%%", "limit"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		n, err := QueryInt(r, "limit", 50, 1, 100)
		if err != nil {
			if e := fault.From(err); e.Code != fault.Invalid || e.Field != "limit" {
				t.Errorf("got %v, field %q; want Invalid of limit", err, e.Field)
			}
		} else if n < 1 || n > 100 {
			t.Errorf("%q: got %d, want 1 to 100", query, n)
		}
	})
}
