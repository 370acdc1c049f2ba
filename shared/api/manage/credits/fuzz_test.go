package credits

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// No query crashes the parser of usage requests.
func FuzzQueries(f *testing.F) {
	f.Add("from=2026-02-01&to=2026-02-28&group=day,agent")
	f.Add("from=2026-02-30&group=day,day")
	f.Add("to=0001-01-01&group=")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		if from, to, err := readDays(r, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)); err != nil {
			wiretest.WantShowable(t, err)
		} else if start, end := mustDay(t, from), mustDay(t, to); end.Before(start) || end.Sub(start) > maxUsageDays*24*time.Hour {
			t.Errorf("got %s to %s accepted, want an error", from, to)
		}
		if by, err := readGroups(r); err != nil {
			wiretest.WantShowable(t, err)
		} else if len(by) == 0 || len(by) > len(groups) {
			t.Errorf("got groups %q, want at least one and none twice", by)
		}
	})
}

func mustDay(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Error(err)
	}
	return d
}
