package mail

import (
	"fmt"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	shorten "github.com/quintet-agents/quintet/shared/clip"
)

// The limits of what a letter becomes.
const (
	maxText  = 100_000 // bytes
	maxName  = 255     // bytes of a name of a person or a file
	maxTitle = 998     // bytes of a subject
	maxMedia = 200
	maxToken = 200 // bytes
)

func clip(text string, limit int) string { return shorten.Text(text, limit) }

// letter is one mail, whichever way its provider reported it.
type letter struct {
	head       head
	text       string
	html       string
	files      []file
	recipients []string // of the envelope, as far as the provider names them
	mailbox    string   // the token of the recipient that the provider found, or empty
	noSender   bool     // the envelope's sender is empty
	verdict    string   // why the provider takes the letter for spam or a virus, or empty
	report     *report  // of a multipart/report
	at         time.Time
	unread     string // why the body could not be read, or empty
}

// updates returns what a letter says.
func (b Inbox) updates(l letter) []channel.Update {
	account, token := b.recipient(l)
	if l.report == nil {
		l.report = attachedReport(l)
	}
	if l.report != nil {
		if update := l.report.update(l.at); update != nil {
			update.Account = account
			return []channel.Update{*update}
		}
	}
	from, replyTo := l.correspondent()
	if from.Address == "" {
		return ignored(account, "a mail without a sender")
	}
	in := channel.Inbound{
		ID: l.storeID(), From: from, At: l.at, Type: "mail", Handling: channel.Answer, Media: l.media(),
		Mail: &channel.Mail{
			MessageID: l.messageID(), InReplyTo: messageIDs(l.head.all("In-Reply-To")...), References: messageIDs(l.head.all("References")...),
			Token: token, Subject: clip(l.head.subject(), maxTitle), ReplyTo: replyTo, Automatic: b.automatic(l),
		},
	}
	if ids := in.Mail.InReplyTo; len(ids) > 0 {
		in.ReplyTo = ids[0]
	}
	in.Text = l.words()
	if in.Text == "" || l.unread != "" {
		in.Handling, in.Text = channel.Decline, l.description(in)
	}
	if in.Mail.Automatic != "" {
		in.Handling = channel.Record
	}
	return []channel.Update{{Account: account, Message: &in}}
}

// words returns what the person wrote: the text without older mails, or the subject of a
// letter without a text.
func (l letter) words() string {
	subject := l.head.subject()
	forwarded := forwardSubject.MatchString(subject)
	text := tidy(clip(l.text, 2*maxText))
	if text == "" {
		text = htmlText(l.html, forwarded)
	}
	if text == "" {
		text = subject
	}
	return clip(reply(text, forwarded), maxText)
}

// description says what a letter that cannot be answered contains.
func (l letter) description(in channel.Inbound) string {
	what := "A mail without a text"
	if l.unread != "" {
		what = "A mail that could not be read (" + l.unread + ")"
	}
	if in.Mail.Subject != "" {
		what += fmt.Sprintf(" with the subject %q", in.Mail.Subject)
	}
	if n := len(l.files); n > 0 {
		what += fmt.Sprintf(" and %d attachments", n)
	}
	return what
}

// correspondent returns the person that an answer goes to, and the address as it was written.
// An answer goes to Reply-To where there is one, so the person is that one too: a stranger
// who writes a customer's address into From would otherwise get answers from the customer's
// thread.
func (l letter) correspondent() (person channel.Person, replyTo string) {
	from := addresses(l.head.get("From"))
	if len(from) == 0 {
		from = addresses(l.head.get("Sender"))
	}
	to := from
	if given := addresses(l.head.get("Reply-To")); len(given) > 0 {
		to = given
	}
	if len(to) == 0 {
		return channel.Person{}, ""
	}
	name := to[0].Name
	if name == "" && len(from) > 0 && strings.EqualFold(from[0].Address, to[0].Address) {
		name = from[0].Name
	}
	return channel.Person{Address: strings.ToLower(to[0].Address), Name: clip(name, maxName)}, to[0].Address
}

// recipient returns which address the letter was sent to, and the token in it. That is the
// connection's address if it is among the recipients of the envelope or of the head: a letter
// may have been forwarded on its way. A provider may also post mail for other addresses of a
// domain, which keeps its own recipient.
func (b Inbox) recipient(l letter) (account, token string) {
	all := append([]string(nil), l.recipients...)
	for _, name := range []string{"Delivered-To", "X-Original-To", "X-Forwarded-To", "Envelope-To", "To", "Cc"} {
		for _, value := range l.head.all(name) {
			for _, a := range addresses(value) {
				all = append(all, a.Address)
			}
		}
	}
	found := false
	for _, address := range all {
		if sameMailbox(address, b.Address) {
			found = true
			if _, token = split(address); token != "" {
				break
			}
		}
	}
	if token == "" {
		token = l.mailbox
	}
	switch {
	case found || len(l.recipients) == 0:
		account = strings.ToLower(b.Address)
	default:
		account, _ = split(l.recipients[0])
	}
	return account, clip(clean(token), maxToken)
}

// media names the files of the letter.
func (l letter) media() []channel.Media {
	var all []channel.Media
	for _, f := range l.files[:min(len(l.files), maxMedia)] {
		kind := "document"
		switch major, _, _ := strings.Cut(f.contentType, "/"); major {
		case "image", "audio", "video":
			kind = major
		}
		all = append(all, channel.Media{Type: kind, ContentType: clip(clean(f.contentType), maxName), Name: clip(clean(f.name), maxName), Size: f.size})
	}
	return all
}
