package template

import "strings"

// address is the grammar of a URL. Its scheme and host are literal.
type address struct {
	origin string // what was read of it
	part   part
}

// part is a part of a URL.
type part string

const (
	inOrigin   part = ""
	inPath     part = "path"
	inArgument part = "query"
	inFragment part = "fragment"
)

const hostProblem = "the scheme and the host must be written out: a template begins with https://host/"

func (a *address) literal(text string) (int, string) {
	for i := range len(text) {
		c := text[i]
		switch {
		case c <= ' ' || c == 0x7f:
			return i, "a URL has no blanks and no control characters"
		case c == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])):
			return i, "a % must begin an escape such as %20"
		case a.part == inOrigin:
			a.readOrigin(c)
		case c == '#' && a.part != inFragment:
			a.part = inFragment
		case c == '?' && a.part == inPath:
			a.part = inArgument
		}
	}
	return 0, ""
}

func (a *address) readOrigin(c byte) {
	_, host, ok := strings.Cut(a.origin, "://")
	if ok && host != "" {
		switch c {
		case '/':
			a.part = inPath
			return
		case '?':
			a.part = inArgument
			return
		case '#':
			a.part = inFragment
			return
		}
	}
	a.origin += string(c)
}

func (a *address) value() (encoding, string) {
	switch a.part {
	case inPath:
		return inSegment, ""
	case inArgument:
		return inQuery, ""
	case inFragment:
		return 0, "a value cannot stand behind the #, which is not sent"
	}
	return 0, hostProblem
}

func (a *address) mark() (string, string) {
	if a.part == inOrigin {
		return "", hostProblem
	}
	return string(a.part), ""
}

func (a *address) end() string {
	scheme, host, ok := strings.Cut(a.origin, "://")
	if scheme = strings.ToLower(scheme); !ok || host == "" || scheme != "http" && scheme != "https" {
		return hostProblem
	}
	return ""
}

// Origin returns the scheme and the host of a template for a URL, such as
// https://api.example.com:8443.
func (t *Template) Origin() string {
	if t.kind != URL {
		return ""
	}
	var text string
	for _, n := range t.nodes { // comments split the literal
		if n.is != literal {
			break
		}
		text += n.text
	}
	scheme, rest, _ := strings.Cut(text, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + "://" + rest
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
