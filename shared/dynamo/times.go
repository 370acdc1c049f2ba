package dynamo

import "time"

// stampLayout is the layout of times in the table: RFC 3339 in UTC with fixed places, so that
// the texts sort by time.
const stampLayout = "2006-01-02T15:04:05.000Z"

// stamp returns the text of a time, with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// unstamp parses a text of stamp. It returns the zero time for any other text.
func unstamp(s string) time.Time {
	t, err := time.Parse(stampLayout, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
