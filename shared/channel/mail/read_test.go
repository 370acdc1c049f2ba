package mail_test

import (
	"bytes"
	"mime/multipart"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/sns"
)

var inbox = mail.Inbox{Address: "support@example.com"}

const topic = "arn:aws:sns:eu-west-1:123456789012:mail"

// form encodes a form with some fields.
func form(t testing.TB, fields map[string]string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

func readForm(t testing.TB, fields map[string]string) mail.Form {
	t.Helper()
	f, err := mail.ReadForm(form(t, fields))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func one(t testing.TB, updates []channel.Update, err error) channel.Update {
	t.Helper()
	if err != nil || len(updates) != 1 {
		t.Fatalf("got %d updates, %v, want one", len(updates), err)
	}
	return updates[0]
}

func sendGrid(t testing.TB, fields map[string]string) channel.Update {
	t.Helper()
	updates, err := inbox.SendGrid(readForm(t, fields))
	return one(t, updates, err)
}

func mailgun(t testing.TB, fields map[string]string) channel.Update {
	t.Helper()
	updates, err := inbox.Mailgun(readForm(t, fields))
	return one(t, updates, err)
}

func postmark(t testing.TB, body string) channel.Update {
	t.Helper()
	updates, err := inbox.Postmark([]byte(body))
	return one(t, updates, err)
}

func ses(t testing.TB, notification string) channel.Update {
	t.Helper()
	updates, err := inbox.SES(t.Context(), sns.Message{Type: sns.Notification, TopicARN: topic, Message: notification}, nil)
	return one(t, updates, err)
}

// raw reads a raw mail as SendGrid posts it.
func raw(t testing.TB, text string) channel.Update {
	t.Helper()
	return sendGrid(t, map[string]string{"email": text})
}

// message returns the message of an update.
func message(t testing.TB, u channel.Update) channel.Inbound {
	t.Helper()
	if u.Message == nil {
		t.Fatalf("got %+v, want a message", u)
	}
	return *u.Message
}
