package gather

import "unicode/utf8"

// Characters reassembles text that a server cut inside a character: between the bytes
// of its UTF-8 form, or between its two UTF-16 surrogates. An incomplete character at
// the end waits for the next piece. A broken character becomes one U+FFFD. The
// concatenated results do not depend on where the text was cut. The zero value is
// ready to use.
//
// JSON can spell a lone surrogate, as \ud83d, and valid UTF-8 cannot. The input has it
// as the three bytes that UTF-8's scheme would give it.
type Characters struct {
	end string // an incomplete character of at most 5 bytes
}

// Add adds a piece and returns the characters that are complete with it.
func (c *Characters) Add(piece string) string {
	if c.end == "" && utf8.ValidString(piece) {
		return piece
	}
	rest := c.end + piece
	c.end = ""
	whole := make([]byte, 0, len(rest))
	for rest != "" {
		r, size := decode(rest)
		if size == 0 {
			c.end = rest
			break
		}
		whole = utf8.AppendRune(whole, r)
		rest = rest[size:]
	}
	return string(whole)
}

// End returns U+FFFD if the text ends with an incomplete character, else "".
func (c *Characters) End() string {
	if c.end == "" {
		return ""
	}
	c.end = ""
	return string(utf8.RuneError)
}

const (
	surrogateLead = 0xED // the first byte of a surrogate
	surrogateSize = 3
)

// decode returns the first character of s and its size, or size 0 if it is
// incomplete.
func decode(s string) (rune, int) {
	if s[0] == surrogateLead && len(s) > 1 && s[1]&0xE0 == 0xA0 {
		return decodeSurrogate(s)
	}
	if r, size := utf8.DecodeRuneInString(s); r != utf8.RuneError || size > 1 {
		return r, size
	}
	if !utf8.FullRuneInString(s) {
		return utf8.RuneError, 0
	}
	// Leading bytes without their continuation are one broken character.
	size := 1
	for size < len(s) && !utf8.FullRuneInString(s[:size+1]) {
		size++
	}
	return utf8.RuneError, size
}

// decodeSurrogate is decode for a text that begins with a surrogate.
func decodeSurrogate(s string) (rune, int) {
	if len(s) < surrogateSize {
		return utf8.RuneError, 0
	}
	high, ok := surrogate(s)
	if !ok {
		return utf8.RuneError, 1
	}
	if high >= 0xDC00 {
		return utf8.RuneError, surrogateSize // a low surrogate without a high one
	}
	next := s[surrogateSize:]
	switch low, ok := surrogate(next); {
	case ok && low >= 0xDC00:
		return 0x10000 + (high-0xD800)<<10 + low - 0xDC00, 2 * surrogateSize
	case next == "" || len(next) < surrogateSize && next[0] == surrogateLead && (len(next) == 1 || next[1]&0xF0 == 0xB0):
		return utf8.RuneError, 0
	default:
		return utf8.RuneError, surrogateSize
	}
}

// surrogate returns the surrogate that s begins with.
func surrogate(s string) (rune, bool) {
	if len(s) < surrogateSize || s[0] != surrogateLead || s[1]&0xE0 != 0xA0 || s[2]&0xC0 != 0x80 {
		return 0, false
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), true
}
