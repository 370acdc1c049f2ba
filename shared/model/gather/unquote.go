package gather

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Unquote returns the text of a JSON string and loses nothing: bytes that are not
// UTF-8 stay as they are, and a lone surrogate becomes the three bytes that Characters
// reads. The standard library replaces both by U+FFFD, and so loses a character that
// the server cut. Unquote reports false if raw is not a JSON string.
func Unquote(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", false
	}
	raw = raw[1 : len(raw)-1]
	next := bytes.IndexByte(raw, '\\')
	if next < 0 {
		return string(raw), true
	}
	text := make([]byte, 0, len(raw))
	for next >= 0 {
		text = append(text, raw[:next]...)
		raw = raw[next+1:]
		var ok bool
		if text, raw, ok = unescape(text, raw); !ok {
			return "", false
		}
		next = bytes.IndexByte(raw, '\\')
	}
	return string(append(text, raw...)), true
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape decodes the escape at the start of raw, after its backslash, and appends
// its character to text.
func unescape(text, raw []byte) (longer, rest []byte, ok bool) {
	if len(raw) == 0 {
		return nil, nil, false
	}
	if c, ok := escapes[raw[0]]; ok {
		return append(text, c), raw[1:], true
	}
	unit, ok := codeUnit(raw)
	if !ok {
		return nil, nil, false
	}
	raw = raw[5:]
	if !utf16.IsSurrogate(unit) {
		return utf8.AppendRune(text, unit), raw, true
	}
	if len(raw) > 0 && raw[0] == '\\' {
		if low, ok := codeUnit(raw[1:]); ok {
			if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
				return utf8.AppendRune(text, r), raw[6:], true
			}
		}
	}
	return append(text, surrogateLead, byte(0x80|unit>>6&0x3F), byte(0x80|unit&0x3F)), raw, true //nolint:gosec // six bits each
}

// codeUnit reads the UTF-16 code unit uXXXX.
func codeUnit(raw []byte) (rune, bool) {
	if len(raw) < 5 || raw[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(raw[1:5]), 16, 16)
	return rune(n), err == nil
}
