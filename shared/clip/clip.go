// Package clip shortens texts to a number of bytes.
package clip

import (
	"strings"
	"unicode/utf8"
)

// Text shortens s to at most limit bytes at a character boundary. The result does not
// keep a longer s in memory. Invalid UTF-8 stays as it is.
func Text(s string, limit int) string {
	limit = max(limit, 0)
	if len(s) <= limit {
		return s
	}
	for back := range min(utf8.UTFMax, limit+1) {
		if utf8.RuneStart(s[limit-back]) {
			return strings.Clone(s[:limit-back])
		}
	}
	return strings.Clone(s[:limit])
}
