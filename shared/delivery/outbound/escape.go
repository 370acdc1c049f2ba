package outbound

import "strings"

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	subDelims  = "!$&'()*+,;="

	pathAlphabet  = unreserved + subDelims + ":@/"
	queryAlphabet = pathAlphabet + "?"
)

// escape returns a URL as it is sent: bytes that RFC 3986 does not allow in a path or
// a query are escaped, existing escapes stay as they are written. %2F is part of a
// name, / separates two names; only the URL's owner knows which is meant. The
// fragment is not sent.
func escape(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	origin, rest := cutOrigin(raw)
	path, query, hasQuery := strings.Cut(rest, "?")
	escaped := origin + escapeBytes(path, pathAlphabet)
	if hasQuery {
		escaped += "?" + escapeBytes(query, queryAlphabet)
	}
	return escaped
}

// cutOrigin splits a URL before its path or query.
func cutOrigin(raw string) (origin, rest string) {
	_, after, ok := strings.Cut(raw, "://")
	if !ok {
		return "", raw
	}
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		rest = after[i:]
	}
	return strings.TrimSuffix(raw, rest), rest
}

func escapeBytes(text, alphabet string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case strings.IndexByte(alphabet, c) >= 0, c == '%' && beginsEscape(text[i:]):
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// hasBrokenEscape reports whether a path or query has a % that begins no escape.
// Readers of such a URL disagree about its meaning.
func hasBrokenEscape(raw string) bool {
	_, rest := cutOrigin(raw)
	for i := range len(rest) {
		if rest[i] == '%' && !beginsEscape(rest[i:]) {
			return true
		}
	}
	return false
}

func beginsEscape(text string) bool {
	return len(text) >= len("%20") && isHex(text[1]) && isHex(text[2])
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
