package ses_test

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	fake "github.com/quintet-agents/quintet/tests/ses"
)

// What a person answers to our mail arrives with the chat that the mail belongs to, whichever of
// the ways back their mail program keeps. The quoted mail is not part of the message.
func TestAnswer_Chat(t *testing.T) {
	for name, c := range map[string]struct {
		keep string // the headers that the program keeps, as first letters: a(ddress), o(wn id)
		want string
	}{
		"all":                {"ao", chat},
		"the address":        {"a", chat},
		"our id":             {"o", chat},
		"only the id of SES": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "eu-west-1", shop())
			receipt, err := client(s.URL, "eu-west-1").Send(t.Context(), account(), outgoing())
			if err != nil {
				t.Fatal(err)
			}
			m, err := netmail.ReadMessage(bytes.NewReader(s.Accepted()[0].Sent))
			if err != nil {
				t.Fatal(err)
			}
			to, references := "support@shop.example", ""
			if strings.Contains(c.keep, "a") {
				list, _ := m.Header.AddressList("Reply-To")
				to = list[0].Address
			}
			if strings.Contains(c.keep, "o") {
				references = m.Header.Get("References") + " "
			}
			answer := fmt.Sprintf("From: Ann <%s>\r\nTo: %s\r\nSubject: Re: My order\r\nMessage-ID: <a2@home.example>\r\nIn-Reply-To: %s\r\nReferences: %s%s\r\n"+
				"Date: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThanks!\r\n\r\nOn Mon, Nov 30, 2026 at 9:05 AM Shop <support@shop.example> wrote:\r\n> On its way.\r\n",
				home, to, m.Header.Get("Message-Id"), references, m.Header.Get("Message-Id"), at.Format(time.RFC1123Z))
			form := url.Values{"email": {answer}, "envelope": {`{"to":["` + to + `"],"from":"` + home + `"}`}}
			f, err := mail.ReadForm("application/x-www-form-urlencoded", []byte(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			updates, err := mail.Inbox{Address: "support@shop.example"}.SendGrid(f)
			if err != nil {
				t.Fatal(err)
			}
			got := reply.Recognize([]byte("KEY"), updates, func(ref string) (string, bool) {
				chat, _, ok := strings.Cut(ref, "/")
				return chat, ok
			})
			message := got[0].Message
			if message == nil || message.Text != "Thanks!" || message.Mail.Token != c.want || message.Mail.InReplyTo[0] != receipt.MessageID || message.Handling != channel.Answer {
				t.Errorf("got %+v, %+v, want Thanks! in the chat %q, in reply to %s", message, message.Mail, c.want, receipt.MessageID)
			}
			settled := len(got) == 2 && got[1].Status != nil && got[1].Status.Ref == ref && got[1].Status.State == channel.Delivered
			if want := strings.Contains(c.keep, "o"); settled != want {
				t.Errorf("got the updates %+v, want the status of our mail: %v", got, want)
			}
		})
	}
}

// A mail of ours that comes back, such as from a mailbox that forwards to the connection's
// address, is not answered: neither as it was sent nor as a person's copy.
func TestAnswer_OwnMail(t *testing.T) {
	s := fake.Start(t, "eu-west-1", shop())
	m := outgoing()
	for _, human := range []bool{false, true} {
		m.Human = human
		if _, err := client(s.URL, "eu-west-1").Send(t.Context(), account(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, sent := range s.Accepted() {
		form := url.Values{"email": {string(sent.Sent)}, "envelope": {`{"to":["support@shop.example"],"from":"0100@eu-west-1.amazonses.com"}`}}
		f, err := mail.ReadForm("application/x-www-form-urlencoded", []byte(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := mail.Inbox{Address: "support@shop.example"}.SendGrid(f)
		if err != nil || len(got) != 1 || got[0].Message == nil || got[0].Message.Handling == channel.Answer {
			t.Errorf("got %+v, %v, want a message that is not answered", got[0].Message, err)
		}
	}
}
