package dynamo

import "time"

// stampLayout is how the table stores times: RFC 3339 in UTC with fixed places, so that
// strings sort as times do.
const stampLayout = "2006-01-02T15:04:05.000Z"

// stamp writes a time, in milliseconds.
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// unstamp reads what stamp wrote; the zero time for any other text.
func unstamp(s string) time.Time {
	t, err := time.Parse(stampLayout, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
