// Package reply writes the mails that answer people.
//
// Build turns a Letter into the bytes of a MIME message: a head that mail programs thread by and
// that no autoresponder answers, and the text twice, plain and as simple HTML. Nothing in a
// Letter can add a header: texts are encoded, and addresses and ids are checked.
//
// An answer to such a mail finds its thread in three ways, because mail programs and Amazon SES
// each lose some of them: by the token in the plus part of Reply-To (Token, ReadToken), by our
// own id in References (ID, ReadID), and by the id that SES gives the mail, which is in the
// receipt of the send. Tokens and own ids carry a keyed hash, so that strangers cannot make them;
// Recognize reads both in what arrives.
//
// The package knows no HTTP and no store; package ses sends what it builds. Wait says how long a
// thread must not be answered, so that two machines do not write to each other forever.
package reply

import (
	"bytes"
	"regexp"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Letter is a mail to one person.
type Letter struct {
	Name    string // of the sender, as the person reads it
	Address string // of the sender
	To      channel.Person
	Head    channel.MailHead
	Text    string
	Human   bool      // a person wrote it, so it is not marked as automatic
	Ref     string    // our own id of the send: 1 to 128 letters, digits, dashes, slashes and underscores
	Key     []byte    // signs the mail's own id; empty: the id is not signed
	At      time.Time // the mail's date, which SES replaces
}

// Built is a mail that can be sent.
type Built struct {
	To  string // the address alone, in ASCII
	ID  string // the mail's own id, without angle brackets
	Raw []byte // lines of at most 998 bytes of ASCII, which end in CRLF
}

// refForm is what can be in a message id before the dot of its hash.
var refForm = regexp.MustCompile(`^[A-Za-z0-9_/-]{1,128}$`)

// Build returns the mail of a letter. The error is a *channel.SendError: Undeliverable for a
// recipient that SES cannot reach, Rejected for anything else that cannot be sent.
func Build(l Letter) (Built, error) {
	from, err := parseMailbox(l.Address)
	if err != nil {
		return Built{}, &channel.SendError{Kind: channel.Rejected, Message: "The connection's address cannot send mail: " + err.Error()}
	}
	to, err := parseMailbox(l.To.Address)
	if err != nil {
		return Built{}, &channel.SendError{Kind: channel.Undeliverable, Message: "The person's address cannot be written to: " + err.Error()}
	}
	if !refForm.MatchString(l.Ref) {
		return Built{}, &channel.SendError{Kind: channel.Rejected, Message: "The id of the send must be 1 to 128 letters, digits, dashes, slashes and underscores"}
	}
	text := cleanText(l.Text)
	if text == "" {
		return Built{}, &channel.SendError{Kind: channel.Rejected, Message: "The answer has no text"}
	}
	id := ID(l.Key, l.Ref, from.domain)

	var out bytes.Buffer
	h := head{&out}
	h.mailbox("From", l.Name, from)
	h.mailbox("To", l.To.Name, to)
	if tagged, ok := from.tagged(l.Head.Token); ok {
		h.mailbox("Reply-To", l.Name, tagged)
	}
	h.text("Subject", subjectOf(l))
	h.plain("Date", l.At.Format(time.RFC1123Z))
	h.ids("Message-ID", id)
	if validID(l.Head.InReplyTo) {
		h.ids("In-Reply-To", l.Head.InReplyTo)
	}
	h.ids("References", references(l.Head, id)...)
	if !l.Human {
		h.plain("Auto-Submitted", "auto-replied")
		h.plain("X-Auto-Response-Suppress", "All")
	}
	h.plain("X-Quintet-Send-Id", l.Ref)
	h.plain("MIME-Version", "1.0")
	writeBody(h, text, pageOf(text, l.Human), l.Ref)
	return Built{To: to.String(), ID: id, Raw: out.Bytes()}, nil
}
