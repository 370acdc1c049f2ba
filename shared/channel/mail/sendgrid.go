package mail

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/quintet-agents/quintet/shared/channel"
)

// SendGrid reads the form of SendGrid's Inbound Parse, raw or parsed. In a parsed one, each
// field is in the character set that the field "charsets" names for it.
func (b Inbox) SendGrid(f Form) ([]channel.Update, error) {
	var l letter
	switch {
	case f.has("email"):
		l = readRaw([]byte(f.last("email")))
	case f.has("headers"):
		l = sendGridLetter(f)
	default:
		return nil, fmt.Errorf("%w: SendGrid's form has neither email nor headers", ErrFormat)
	}
	var envelope struct {
		To   []string `json:"to"`
		From *string  `json:"from"`
	}
	if json.Unmarshal([]byte(f.last("envelope")), &envelope) == nil {
		l.recipients = envelope.To
		l.noSender = envelope.From != nil && isEmptySender(*envelope.From)
	}
	return b.updates(l), nil
}

// isEmptySender reports whether an envelope's sender is the null path.
func isEmptySender(sender string) bool { return strings.Trim(sender, "<> ") == "" }

func sendGridLetter(f Form) letter {
	var charsets map[string]string
	_ = json.Unmarshal([]byte(f.last("charsets")), &charsets) // without it, all is UTF-8
	decoded := func(name string) string { return decode(f.last(name), charsets[name]) }
	l := letter{head: readHead([]byte(f.last("headers"))), text: decoded("text"), html: decoded("html"), files: f.files}
	for _, name := range []string{"From", "To", "Cc", "Subject"} {
		if !l.head.has(name) && f.has(strings.ToLower(name)) {
			l.head = append(l.head, field{name, decoded(strings.ToLower(name))})
		}
	}
	var info map[string]struct {
		Filename string `json:"filename"`
		Type     string `json:"type"`
	}
	_ = json.Unmarshal([]byte(f.last("attachment-info")), &info) // it only adds what the files lack
	for i := range l.files {
		if known, ok := info[l.files[i].field]; ok {
			l.files[i].describe(known.Filename, known.Type)
		}
	}
	return l
}

// describe fills in what the file's own part does not say.
func (f *file) describe(name, contentType string) {
	if f.name == "" {
		f.name = name
	}
	if f.contentType == "" || f.contentType == "application/octet-stream" {
		if contentType != "" {
			f.contentType = contentType
		}
	}
}

// decode returns a text of a character set as UTF-8. A text of an unknown one, or that is not
// in its own, is decoded as well as possible.
func decode(text, name string) string {
	encoding, canonical := charset.Lookup(name)
	if encoding == nil || canonical == "utf-8" || canonical == "replacement" {
		return utf8Text([]byte(text))
	}
	decoded, err := encoding.NewDecoder().String(text)
	if err != nil {
		return utf8Text([]byte(text))
	}
	return decoded
}
