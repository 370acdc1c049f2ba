package frame

import "time"

// InYears reports whether a time is within the years that ranges may have. Times are compared as texts,
// so all years must have four digits.
func InYears(t time.Time) bool { y := t.Year(); return 2000 <= y && y <= 2999 }
