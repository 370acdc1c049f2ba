package hook

import "strings"

// parseForm reads a body of the type application/x-www-form-urlencoded as the WHATWG's URL standard
// does, which refuses nothing: what is no escape stands for itself. A field has a text, or a list of
// texts if it is repeated.
func parseForm(raw string) map[string]any {
	form := map[string]any{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		switch before := form[name].(type) {
		case nil:
			form[name] = value
		case string:
			form[name] = []string{before, value}
		case []string:
			form[name] = append(before, value)
		}
	}
	return form
}

// unescape decodes + and %XX. Bytes that are not UTF-8 become replacement characters.
func unescape(text string) string {
	if !strings.ContainsAny(text, "+%") {
		return strings.ToValidUTF8(text, replacement)
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			out = append(out, nibble(text[i+1])<<4|nibble(text[i+2]))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return strings.ToValidUTF8(string(out), replacement)
}

const replacement = "\ufffd"

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// nibble returns the value of a hexadecimal digit.
func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
