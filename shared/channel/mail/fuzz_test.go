package mail_test

import (
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/sns"
)

// check checks what holds for every update.
func check(t *testing.T, updates []channel.Update) {
	t.Helper()
	if len(updates) != 1 {
		t.Fatalf("got %d updates, want one", len(updates))
	}
	u := updates[0]
	kinds := 0
	for _, set := range []bool{u.Message != nil, u.Status != nil, u.Preference != nil, u.Ignored != ""} {
		if set {
			kinds++
		}
	}
	if kinds != 1 || u.Identity != nil || u.Correction != nil || u.Notice != nil {
		t.Fatalf("got %+v, want one kind", u)
	}
	if in := u.Message; in != nil {
		if in.ID == "" || len(in.ID) > 255 || in.From.Address == "" || in.Text == "" || len(in.Text) > 100_000 || in.Mail == nil || len(in.Media) > 200 {
			t.Fatalf("got %+v, want an id, a sender, a text and bounds", in)
		}
		if (in.Handling == channel.Record) != (in.Mail.Automatic != "") {
			t.Fatalf("got %s for %q, want a record of automatic mail only", in.Handling, in.Mail.Automatic)
		}
		for _, text := range []string{in.Text, in.From.Name, in.From.Address, in.Mail.Subject, in.Mail.ReplyTo, in.Mail.Token, in.Mail.Automatic} {
			if !utf8.ValidString(text) {
				t.Fatalf("got %q, want valid UTF-8", text)
			}
		}
	}
}

func addSamples(f *testing.F, pattern string) {
	f.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		f.Fatalf("got %d samples, %v, want some", len(paths), err)
	}
	for _, path := range paths {
		contentType, body := sample(f, path)
		f.Add(contentType, body)
	}
}

func FuzzSendGrid(f *testing.F) {
	addSamples(f, "sendgrid_*.http")
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		form, err := mail.ReadForm(contentType, body)
		if err != nil {
			return
		}
		if updates, err := inbox.SendGrid(form); err == nil {
			check(t, updates)
		}
	})
}

func FuzzMailgun(f *testing.F) {
	addSamples(f, "mailgun_*.http")
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		form, err := mail.ReadForm(contentType, body)
		if err != nil {
			return
		}
		if _, err := mail.VerifyMailgun("key", form, at); err == nil {
			t.Error("got a form accepted, want it refused")
		}
		if updates, err := inbox.Mailgun(form); err == nil {
			check(t, updates)
		}
	})
}

func FuzzPostmark(f *testing.F) {
	addSamples(f, "postmark_*.http")
	f.Fuzz(func(t *testing.T, _ string, body []byte) {
		if updates, err := inbox.Postmark(body); err == nil {
			check(t, updates)
		}
	})
}

func FuzzSES(f *testing.F) {
	addSamples(f, "ses_*.http")
	f.Fuzz(func(t *testing.T, _ string, body []byte) {
		m, err := sns.Read(body)
		if err != nil {
			return
		}
		updates, err := inbox.SES(t.Context(), m, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(t, updates)
	})
}

// FuzzRaw reads raw mail. The seeds are enmime's own mails, the texts with quotes and reports.
func FuzzRaw(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	for _, path := range []string{"testdata/quotes.json", "testdata/html.json"} {
		for _, x := range texts(f, path) {
			f.Add(x.raw())
		}
	}
	f.Add(bounce("delivery-status", "Action: failed\n", "Content-Type: message/rfc822\n\nMessage-ID: <a@x>\n\nx"))
	f.Fuzz(func(t *testing.T, text string) { check(t, []channel.Update{raw(t, "From: a@example.org\r\n"+text)}) })
}
