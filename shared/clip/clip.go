// Package clip shortens texts to a number of bytes.
package clip

import (
	"strings"
	"unicode/utf8"
)

// Text returns s, or as much of its beginning as limit bytes hold of whole characters.
// The result does not keep a longer s in memory. Bytes that are no characters stay as
// they are.
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
