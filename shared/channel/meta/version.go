package meta

import (
	"strconv"
	"strings"
	"time"
)

// firstVersion is the oldest version with a known end.
const firstVersion = 20

// versionEnds are the last days of versions 20, 21, ... of the Graph API, by Meta's changelog
// of October 2026. A call to an ended version is not refused: the oldest living one serves it.
var versionEnds = []string{"2026-09-24", "2027-01-21", "2027-05-20", "2027-10-08", "2028-02-18", "2028-07-29"}

// versionEnd returns the last day of a version such as v25.0, and false if it has none yet. A
// version before the table has ended long ago: its end is the zero time.
func versionEnd(version string) (end time.Time, known bool) {
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	n, err := strconv.Atoi(major)
	if err != nil || n-firstVersion >= len(versionEnds) {
		return time.Time{}, false
	}
	if n < firstVersion {
		return time.Time{}, true
	}
	end, err = time.Parse(time.DateOnly, versionEnds[n-firstVersion])
	return end, err == nil
}
