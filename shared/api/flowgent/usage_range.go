package flowgent

import (
	"net/url"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// usageRange is an inclusive range of days, as midnights in UTC.
type usageRange struct{ start, end time.Time }

const (
	day          = 24 * time.Hour
	defaultRange = 7 * day
	maxRange     = 31 * day
)

// usageBegan is the first day whose usage is shown.
var usageBegan = time.Date(2025, time.May, 28, 0, 0, 0, 0, time.UTC)

// days returns the number of days in the range, at most 0 if it ends before it begins.
func (r usageRange) days() int { return int(r.end.Sub(r.start)/day) + 1 }

// beforeBegin reports whether the range has days from before usage was tracked.
func (r usageRange) beforeBegin() bool { return r.start.Before(usageBegan) }

// errRange returns an error of the date range with its title.
func errRange(title, message string) error {
	return &fault.Error{Code: fault.Invalid, Field: title, Message: message}
}

// The titles of errors of the date range. WriteError finds them in the error's field.
const (
	invalidRange  = "Invalid date range"
	invalidFormat = "Invalid date format"
	invalidDates  = "Invalid dates"
	invalidEnd    = "Invalid end date"
	rangeTooLarge = "Date range too large"
)

// readRange reads a range from a query, with the vendor's checks in the
// vendor's order.
func readRange(q url.Values, now time.Time) (usageRange, error) {
	today := now.UTC().Truncate(day)
	yesterday := today.Add(-day)
	hasStart, hasEnd := q.Has("start_date"), q.Has("end_date")
	if !hasStart && !hasEnd {
		return usageRange{start: today.Add(-defaultRange), end: yesterday}, nil
	}
	if !hasStart {
		return usageRange{}, errRange(invalidRange, "start_date is required when end_date is provided (format: YYYY-MM-DD)")
	}
	names := []string{"start_date"}
	if hasEnd {
		names = append(names, "end_date")
	}
	for _, name := range names {
		if !looksLikeDate(q.Get(name)) {
			return usageRange{}, errRange(invalidFormat, "Dates must be in YYYY-MM-DD format")
		}
	}
	r := usageRange{end: yesterday}
	for i, date := range []*time.Time{&r.start, &r.end}[:len(names)] {
		parsed, err := time.Parse(time.DateOnly, q.Get(names[i]))
		if err != nil {
			return usageRange{}, errRange(invalidDates, "Provided dates are not valid")
		}
		*date = parsed
	}
	switch {
	case r.start.After(r.end):
		return usageRange{}, errRange(invalidRange, "start_date must not be after end_date")
	case r.end.After(yesterday):
		return usageRange{}, errRange(invalidEnd, "end_date cannot be today or in the future. Data is only available up to yesterday.")
	case r.start.Before(r.end.Add(day - maxRange)): // a time.Duration does not reach back for centuries
		return usageRange{}, errRange(rangeTooLarge, "Date range cannot exceed 31 days")
	}
	return r, nil
}

// looksLikeDate reports whether s has the form YYYY-MM-DD, even if that day does not exist.
func looksLikeDate(s string) bool {
	if len(s) != len(time.DateOnly) {
		return false
	}
	for i := range len(s) {
		dash := i == 4 || i == 7
		if dash != (s[i] == '-') || !dash && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
