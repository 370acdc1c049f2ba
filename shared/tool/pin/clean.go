package pin

import (
	"strings"
	"unicode"
)

const (
	commentBegin = "<!--"
	commentEnd   = "-->"
)

// Clean returns a text without what a person does not see and a model reads: control,
// zero-width and bidirectional characters, and HTML comments. Lines and tabs stay.
func Clean(text string) string {
	var seen strings.Builder
	for _, r := range text {
		if !hidden(r) {
			seen.WriteRune(r)
		}
	}
	return strings.TrimSpace(withoutComments(seen.String()))
}

// withoutComments looks for a comment's begin in the result: what remains around a comment
// can be the begin of another. A comment without an end hides the rest of the text.
func withoutComments(text string) string {
	var b []byte
	for i := 0; i < len(text); i++ {
		b = append(b, text[i])
		if text[i] != '-' || !strings.HasSuffix(string(b[max(0, len(b)-len(commentBegin)):]), commentBegin) {
			continue
		}
		b = b[:len(b)-len(commentBegin)]
		end := strings.Index(text[i+1:], commentEnd)
		if end < 0 {
			break
		}
		i += end + len(commentEnd)
	}
	return string(b)
}

// hidden reports whether a character is invisible, or changes the order of others.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == '\u034F', r == '\u115F', r == '\u1160', r == '\u3164', r == '\uFFA0': // joiner and fillers that show nothing
		return true
	case r == '\u2028', r == '\u2029': // separators of lines that JSON and people do not see
		return true
	case 0xE0100 <= r && r <= 0xE01EF: // variation selectors that carry data in smuggled texts
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
}

func hasHidden(text string) bool { return strings.ContainsFunc(text, hidden) }
