package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

func overMail(c *connection.Connection) {
	c.Channel = connection.Email
	c.Identifiers = map[string]string{"provider": string(connection.Postmark), "address": "support@shop.example"}
	c.Settings.QuietSeconds = 0
}

// mail returns a mail that continues no other.
func (d *desk) mail(id, from, text string) channel.Update {
	u := d.message(id, from, text)
	u.Account, u.Message.Type, u.Message.Mail = "support@shop.example", "mail", &channel.Mail{MessageID: id, Subject: "Ticket " + id, ReplyTo: from}
	return u
}

// A ticket system that answers each mail with one of a new subject and without In-Reply-To
// begins a chat each time. It gets few answers, and nothing that it writes is lost.
func TestWorker_MailLoopOfNewChats(t *testing.T) {
	d := openDesk(t, overMail)
	const mails = 40
	for i := range mails {
		d.receive(d.mail(fmt.Sprintf("m%d@robot.example", i), "robot@robot.example", fmt.Sprintf("ticket %d.", i)))
		d.drain(0)
		d.sleep(time.Minute)
	}
	if got := len(d.phone.texts()); got < 10 || got > 20 {
		t.Errorf("got %d answers to %d mails within the hour, want 10 to 20", got, mails)
	}
	contact := d.contact("robot@robot.example")
	for range 2 {
		d.sleep(time.Hour)
		if err := d.Send(t.Context(), chatWork(d, contact.ID)); err != nil {
			t.Fatal(err)
		}
		d.drain(0)
	}
	asked := strings.Join(d.asked, "\n")
	for i := range mails {
		if !strings.Contains(asked, fmt.Sprintf("ticket %d.", i)) {
			t.Errorf("the model was not asked about mail %d", i)
		}
	}
	before := len(d.phone.texts())
	d.receive(d.mail("later@robot.example", "robot@robot.example", "another day"), d.mail("other@robot.example", "ann@robot.example", "hello"))
	d.drain(0)
	want(t, "answers after the loop", before+2, len(d.phone.texts()))
}

// Mails without a text are declined, and a loop of them ends too.
func TestWorker_MailLoopOfDeclined(t *testing.T) {
	d := openDesk(t, overMail)
	for i := range 40 {
		u := d.mail(fmt.Sprintf("m%d@robot.example", i), "robot@robot.example", "A mail without a text")
		u.Message.Handling = channel.Decline
		if i > 0 {
			u.Message.Mail.InReplyTo = []string{"m0@robot.example"}
		}
		d.receive(u)
		d.drain(0)
		d.sleep(time.Minute)
	}
	if got := len(d.phone.texts()); got < 5 || got > 10 {
		t.Errorf("got %d answers, want 5 to 10", got)
	}
}

// chatWork is the message for a chat.
func chatWork(d *desk, chatID string) work.Message {
	return work.Message{Body: inbox.Ref{OrgID: d.org, Channel: d.connection.Channel, ConnectionID: d.connection.ID, ChatID: chatID}}
}

// Two machines that answer each other over a channel are slowed down, and what they wrote is
// answered later. Stickers cost no model.
func TestWorker_LoopOfMachines(t *testing.T) {
	d := openDesk(t, func(c *connection.Connection) { c.Settings.QuietSeconds = 0 })
	const messages = 125
	for i := range messages {
		u := d.message(fmt.Sprintf("m%d", i), "316", "[sticker]")
		u.Message.Handling = channel.Decline
		d.receive(u)
		d.drain(0)
		d.sleep(10 * time.Second)
	}
	if got := len(d.phone.texts()); got != 120 {
		t.Errorf("got %d answers to %d messages within half an hour, want 120", got, messages)
	}
	d.sleep(time.Hour)
	if err := d.Send(t.Context(), chatWork(d, d.contact("316").ID)); err != nil {
		t.Fatal(err)
	}
	d.drain(0)
	want(t, "answers later", 121, len(d.phone.texts()))
}
