// Package mail makes the webhooks of mail providers for tests: the requests by which SendGrid,
// Mailgun, Postmark and Amazon SES deliver a mail, signed as each of them signs.
//
// The shapes come from the providers' pages: "Setting Up the Inbound Parse Webhook" and its
// security policies (SendGrid), "Receiving, forwarding and storing messages" and "Securing
// webhooks" (Mailgun), "Inbound webhook" (Postmark), "Notification contents for Amazon SES email
// receiving" and "Verifying the signatures of Amazon SNS messages" (AWS).
package mail

import (
	"net/mail"
	"strings"
)

// Letter is a mail of a person, or of a program.
type Letter struct {
	From, To   string // addresses
	Subject    string
	ID         string // without angle brackets, as the other ids
	InReplyTo  string
	References []string
	Header     [][2]string // further fields
	Text       string

	// Body, with its Content-Type, takes the place of Text.
	ContentType, Body string
}

// Bounce returns the report of a mail server that a mail did not arrive: the mail's Message-ID,
// its recipient, a status of RFC 3463 and the server's words.
func Bounce(to, id, messageID, recipient, status, words string) Letter {
	const crlf = "\r\n"
	body := strings.Join([]string{
		"--r", "Content-Type: text/plain", "", "Your mail did not arrive.",
		"--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "",
		"Final-Recipient: rfc822; " + recipient, "Action: failed", "Status: " + status, "Diagnostic-Code: smtp; " + words, "",
		"--r", "Content-Type: text/rfc822-headers", "", "Message-ID: <" + messageID + ">", "", "--r--", "",
	}, crlf)
	return Letter{
		From: "Mail Delivery System <mailer-daemon@example.org>", To: to, Subject: "Undelivered Mail Returned to Sender", ID: id,
		ContentType: `multipart/report; report-type=delivery-status; boundary="r"`, Body: body,
	}
}

// fields returns the header of a letter.
func (l Letter) fields() [][2]string {
	all := [][2]string{{"From", l.From}, {"To", l.To}, {"Subject", l.Subject}, {"Message-ID", "<" + l.ID + ">"}, {"Date", "Mon, 30 Nov 2026 11:00:00 +0100"}}
	if l.InReplyTo != "" {
		all = append(all, [2]string{"In-Reply-To", "<" + l.InReplyTo + ">"})
	}
	if len(l.References) > 0 {
		all = append(all, [2]string{"References", "<" + strings.Join(l.References, "> <") + ">"})
	}
	contentType := "text/plain; charset=utf-8"
	if l.ContentType != "" {
		contentType = l.ContentType
	}
	return append(append(all, l.Header...), [2]string{"MIME-Version", "1.0"}, [2]string{"Content-Type", contentType})
}

// Raw returns the bytes of a letter.
func (l Letter) Raw() string {
	var b strings.Builder
	for _, f := range l.fields() {
		b.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	body := l.Body
	if l.ContentType == "" {
		body = l.Text + "\r\n"
	}
	return b.String() + "\r\n" + body
}

// sender returns the address alone.
func (l Letter) sender() string {
	a, err := mail.ParseAddress(l.From)
	if err != nil {
		return ""
	}
	return a.Address
}
