package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/text/encoding/charmap"
)

// The limits of a letter's head.
const (
	maxHead       = 256 << 10 // bytes; what follows is not read as the head
	maxHeadFields = 2000
)

// head is the head of a letter, in the letter's order. Values are unfolded, and encoded words
// are not decoded yet.
type head []field

type field struct{ name, value string }

// readHead reads the head of a raw letter. Lines that are no field continue the field before
// them, as in broken folding.
func readHead(raw []byte) head {
	raw = raw[:min(len(raw), maxHead)]
	var h head
	for len(raw) > 0 && len(h) < maxHeadFields {
		line := raw
		if end := bytes.IndexByte(raw, '\n'); end >= 0 {
			line, raw = raw[:end], raw[end+1:]
		} else {
			raw = nil
		}
		line = bytes.TrimRight(line, "\r")
		switch name, value, ok := bytes.Cut(line, []byte(":")); {
		case len(line) == 0 && len(h) > 0:
			return h
		case len(line) == 0:
		case ok && isName(bytes.TrimRight(name, " \t")):
			h = append(h, field{string(bytes.TrimRight(name, " \t")), utf8Text(bytes.TrimSpace(value))})
		case len(h) > 0:
			h[len(h)-1].value += " " + utf8Text(bytes.TrimSpace(line))
		}
	}
	return h
}

// isName reports whether a text can be the name of a field: printable ASCII without blanks.
func isName(name []byte) bool {
	return len(name) > 0 && !bytes.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

// utf8Text returns text as UTF-8. Bytes that are not UTF-8 are most often Windows-1252.
func utf8Text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(text)
}

// get returns the first value of a field, undecoded.
func (h head) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// has reports whether there is a field.
func (h head) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// all returns all values of a field, undecoded.
func (h head) all(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// subject returns the subject with its encoded words decoded.
func (h head) subject() string { return clean(enmime.DecodeRFC2047(h.get("Subject"))) }
