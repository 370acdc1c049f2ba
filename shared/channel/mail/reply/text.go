package reply

import (
	"strings"
	"unicode"
)

// line returns a text on one line: valid UTF-8, with single blanks for all white space and
// control characters, and none at its ends.
func line(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// cleanText returns a text as a mail can carry it: valid UTF-8, with \n as line end, no control
// characters but tabs, and no blank lines at its ends.
func cleanText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return strings.Trim(text, "\n")
}
