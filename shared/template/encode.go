package template

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// encoding is how a value is written where it stands.
type encoding int

const (
	inText    encoding = iota
	inString           // of a JSON document
	asValue            // of a JSON document
	inSegment          // of a URL's path
	inQuery            // of a URL or a form
	inHeader
)

// of returns a value in this encoding.
func (e encoding) of(v any) (string, error) {
	if e == asValue {
		return compact(v)
	}
	text, err := textOf(v)
	if err != nil {
		return "", err
	}
	switch e {
	case inString:
		quoted, err := compact(text)
		return strings.TrimSuffix(strings.TrimPrefix(quoted, `"`), `"`), err
	case inSegment, inQuery:
		return escape(text), nil
	case inHeader:
		return strings.Map(func(r rune) rune {
			if isBreak(r) {
				return ' '
			}
			return r
		}, text), nil
	}
	return text, nil
}

// isBreak reports whether a character can end a line or is a control character other than
// the tab, so that it cannot be part of a header.
func isBreak(r rune) bool {
	return r != '\t' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// textOf returns a value as text: a string without quotes, nothing for null, and an object
// or a list as JSON.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return strings.ToValidUTF8(v, "\uFFFD"), nil
	}
	return compact(v)
}

// compact returns a value as JSON on one line.
func compact(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// escape escapes all bytes but those that have no meaning anywhere in a URL.
func escape(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; strings.IndexByte(unreserved, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
