package frame

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// InYears reports whether a time is within the years that ranges may have. Times are compared as texts,
// so all years must have four digits.
func InYears(t time.Time) bool { y := t.Year(); return 2000 <= y && y <= 2999 }

// QueryDay returns the day of a query parameter, or that of fallback without one.
func QueryDay(r *http.Request, name string, fallback time.Time) (time.Time, error) {
	q := r.URL.Query()
	if !q.Has(name) {
		return fallback.UTC().Truncate(24 * time.Hour), nil
	}
	t, err := time.Parse(time.DateOnly, q.Get(name))
	if err != nil || !InYears(t) {
		return time.Time{}, fault.Field(name, "%s must be a day from 2000-01-01 to 2999-12-31 in the form YYYY-MM-DD", name)
	}
	return t, nil
}
