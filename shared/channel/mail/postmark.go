package mail

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// postmarkMail is a mail as Postmark's inbound webhook posts it.
type postmarkMail struct {
	RecordType        string
	From              string
	FromFull          *postmarkAddress
	ToFull            []postmarkAddress
	CcFull            []postmarkAddress
	BccFull           []postmarkAddress
	OriginalRecipient string
	ReplyTo           string
	Subject           string
	MessageID         string
	MailboxHash       string
	Date              string
	TextBody          string
	HTMLBody          string `json:"HtmlBody"`
	RawEmail          string
	Headers           []struct{ Name, Value string }
	Attachments       []struct {
		Name, Content, ContentType string
		ContentLength              int64
	}
}

type postmarkAddress struct{ Email, Name, MailboxHash string }

// Postmark reads the JSON of Postmark's inbound webhook.
func (b Inbox) Postmark(body []byte) ([]channel.Update, error) {
	var m postmarkMail
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &m); err != nil {
		return nil, formatError(err)
	}
	if m.RecordType != "" && m.RecordType != "Inbound" {
		return ignored(strings.ToLower(b.Address), "a webhook of Postmark's type "+clip(clean(m.RecordType), maxName)), nil
	}
	if m.From == "" && m.FromFull == nil && m.MessageID == "" && m.RawEmail == "" {
		return nil, fmt.Errorf("%w: Postmark's JSON has none of From, MessageID and RawEmail", ErrFormat)
	}
	l := m.letter()
	// The first field is Postmark's own: the sender of the envelope.
	if len(m.Headers) > 0 && strings.EqualFold(m.Headers[0].Name, "Return-Path") {
		l.noSender = isEmptySender(m.Headers[0].Value)
	}
	if m.OriginalRecipient != "" {
		l.recipients = append(l.recipients, m.OriginalRecipient)
	}
	for _, a := range m.BccFull { // recipients that the head does not name
		l.recipients = append(l.recipients, a.Email)
	}
	l.mailbox, l.at = m.MailboxHash, m.arrival()
	if !b.receives(l) {
		// The recipient is Postmark's own address of the server, which forwards to nobody else.
		l.recipients = nil
	}
	return b.updates(l), nil
}

// arrival returns when Postmark received the mail: the first Received field is that of its own
// server. Without one it is the mail's date, and the zero time if that cannot be read either.
func (m postmarkMail) arrival() time.Time {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, "Received") {
			if at, err := netmail.ParseDate(h.Value[strings.LastIndexByte(h.Value, ';')+1:]); err == nil {
				return at.UTC()
			}
			break
		}
	}
	at, err := netmail.ParseDate(m.Date)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// receives reports whether the connection's address is a recipient of the envelope.
func (b Inbox) receives(l letter) bool {
	for _, r := range l.recipients {
		if sameMailbox(r, b.Address) {
			return true
		}
	}
	return false
}

func (m postmarkMail) letter() letter {
	if m.RawEmail != "" {
		return readRaw([]byte(m.RawEmail))
	}
	l := letter{text: m.TextBody, html: m.HTMLBody}
	for i, h := range m.Headers {
		if i == 0 && strings.EqualFold(h.Name, "Return-Path") || !isName([]byte(h.Name)) || len(l.head) >= maxHeadFields {
			continue
		}
		l.head = append(l.head, field{h.Name, h.Value})
	}
	from := m.From
	if m.FromFull != nil {
		from = m.FromFull.String()
	}
	for _, f := range []field{
		{"From", from}, {"To", join(m.ToFull)}, {"Cc", join(m.CcFull)}, {"Reply-To", m.ReplyTo}, {"Subject", m.Subject}, {"Date", m.Date}, {"Message-ID", m.MessageID},
	} {
		if f.value != "" && !l.head.has(f.name) {
			l.head = append(l.head, f)
		}
	}
	for _, a := range m.Attachments {
		l.files = append(l.files, postmarkFile(a.Name, a.ContentType, a.Content, a.ContentLength))
	}
	return l
}

// String returns the address with its name as a head contains it.
func (a postmarkAddress) String() string {
	return (&netmail.Address{Name: a.Name, Address: a.Email}).String()
}

func join(all []postmarkAddress) string {
	var texts []string
	for _, a := range all {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", ")
}

func postmarkFile(name, contentType, content string, size int64) file {
	f := newFile("", name, contentType, nil)
	f.size = size
	if strings.HasPrefix(f.contentType, "message/") || f.contentType == "text/rfc822-headers" {
		decoded, _ := base64.StdEncoding.DecodeString(content)
		f = newFile("", name, contentType, decoded)
	}
	return f
}
