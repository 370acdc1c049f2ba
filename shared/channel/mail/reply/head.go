package reply

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/clip"
)

// head writes header fields. Lines longer than maxLine are folded where they can be.
type head struct{ out *bytes.Buffer }

const (
	maxLine = 76
	maxWord = 60 // of an encoded word, so that a field's name fits before the first
	fold    = "\r\n "
)

// plain writes a field whose value needs no encoding: it comes from this package, or was checked.
func (h head) plain(name, value string) { fmt.Fprintf(h.out, "%s: %s\r\n", name, value) }

// text writes a field of free text on one line.
func (h head) text(name, value string) {
	if needsWords(value) {
		h.plain(name, encodedWords(value))
		return
	}
	words := strings.Split(value, " ")
	h.out.WriteString(name + ":")
	for width, i := len(name)+1, 0; i < len(words); i++ {
		if width += 1 + len(words[i]); width > maxLine && i > 0 {
			h.out.WriteString("\r\n")
			width = 1 + len(words[i])
		}
		h.out.WriteString(" " + words[i])
	}
	h.out.WriteString("\r\n")
}

// maxName bounds a display name, in bytes.
const maxName = 200

// mailbox writes an address with a display name, which may be empty.
func (h head) mailbox(name, display string, m mailbox) {
	display = clip.Text(line(display), maxName)
	switch {
	case display == "":
		h.plain(name, "<"+m.String()+">")
		return
	case needsWords(display):
		display = encodedWords(display)
	default:
		display = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(display) + `"`
	}
	h.plain(name, display+fold+"<"+m.String()+">")
}

// ids writes a field of message ids, one on each line.
func (h head) ids(name string, ids ...string) { h.plain(name, "<"+strings.Join(ids, ">"+fold+"<")+">") }

// needsWords reports whether a text on one line must be written in encoded words (RFC 2047):
// because it is not ASCII, because it looks like encoded words, or because it has no place to
// fold it.
func needsWords(text string) bool {
	if strings.Contains(text, "=?") || !visible(strings.ReplaceAll(text, " ", "")) {
		return true
	}
	for word := range strings.SplitSeq(text, " ") {
		if len(word) > maxWord {
			return true
		}
	}
	return false
}

// encodedWords returns a text in encoded words of whole characters, in the shorter of the two
// encodings.
func encodedWords(text string) string {
	q := func(s string) string { return "=?utf-8?Q?" + qEncode(s) + "?=" }
	b := func(s string) string { return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }
	encode := q
	if len(b(text)) < len(q(text)) {
		encode = b
	}
	var words []string
	for begin := 0; begin < len(text); {
		end := begin
		for end < len(text) {
			_, size := utf8.DecodeRuneInString(text[end:])
			if len(encode(text[begin:end+size])) > maxWord {
				break
			}
			end += size
		}
		words = append(words, encode(text[begin:end]))
		begin = end
	}
	return strings.Join(words, fold)
}

// qEncode encodes a text with the characters that are allowed everywhere, in phrases too.
func qEncode(text string) string {
	const safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out.WriteByte('_')
		case strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "=%02X", c)
		}
	}
	return out.String()
}
