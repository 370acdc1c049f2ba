package frame

import "time"

// InYears reports whether a time lies between the years that ranges may have: what
// is compared as text has four digits of a year on both sides.
func InYears(t time.Time) bool { y := t.Year(); return 2000 <= y && y <= 2999 }
