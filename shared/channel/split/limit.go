package split

import "unicode/utf8"

// Unit is what a channel counts the length of a text in.
type Unit int

// The units. A character is a code point.
const (
	Bytes Unit = iota
	Characters
	UTF16
)

// Limit is the length of the longest message of a channel: N units. A limit that is smaller
// than a character counts as one character.
type Limit struct {
	N    int
	Unit Unit
}

// length returns a text's length in the unit.
func (u Unit) length(text string) int {
	switch u {
	case Characters:
		return utf8.RuneCountInString(text)
	case UTF16:
		n := 0
		for _, r := range text {
			n++
			if r > 0xFFFF {
				n++
			}
		}
		return n
	default:
		return len(text)
	}
}
