package param

import (
	"net/http"
	"strconv"

	"github.com/quintet-agents/quintet/shared/fault"
)

// QueryInt returns a whole number from the query, or fallback if it is absent. The error is Invalid for a
// number outside lo to hi; it is never clamped.
func QueryInt(r *http.Request, name string, fallback, lo, hi int) (int, error) {
	q := r.URL.Query()
	if !q.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < lo || n > hi {
		return 0, fault.Field(name, "%s must be a whole number from %d to %d", name, lo, hi)
	}
	return n, nil
}
