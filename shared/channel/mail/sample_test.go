package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/sns"
)

// sample returns a request of testdata: its content type and its body.
func sample(t testing.TB, path string) (contentType string, body []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
	return strings.TrimPrefix(string(head), "Content-Type: "), body
}

// stored is the mail that the samples' requests contain, as in a bucket.
func stored(t testing.TB) []byte {
	t.Helper()
	_, body := sample(t, "testdata/ses_utf8.http")
	m, err := sns.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	var n struct{ Content string }
	if err := json.Unmarshal([]byte(m.Message), &n); err != nil {
		t.Fatal(err)
	}
	return []byte(n.Content)
}

// readSample reads a request as its file's name says.
func readSample(t testing.TB, path string) ([]channel.Update, error) {
	t.Helper()
	contentType, body := sample(t, path)
	switch provider, _, _ := strings.Cut(filepath.Base(path), "_"); provider {
	case "postmark":
		return inbox.Postmark(body)
	case "ses":
		m, err := sns.Read(body)
		if err != nil {
			return nil, err
		}
		return inbox.SES(t.Context(), m, func(context.Context, mail.Object, int64) ([]byte, error) { return stored(t), nil })
	default:
		f, err := mail.ReadForm(contentType, body)
		if err != nil {
			return nil, err
		}
		if provider == "mailgun" {
			return inbox.Mailgun(f)
		}
		return inbox.SendGrid(f)
	}
}

// The same mail is the same message, whichever provider reports it in whichever form. The
// providers differ in the time that they give and in the files that a form contains.
func TestInbox_Samples(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.http")
	if err != nil || len(paths) < 11 {
		t.Fatalf("got %d samples, %v, want at least 11", len(paths), err)
	}
	photo := channel.Media{Type: "image", ContentType: "image/png", Name: "foto.png", Size: 8}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".http")
		t.Run(name, func(t *testing.T) {
			want := channel.Inbound{
				ID: "reply-1@example.org", From: channel.Person{Address: "ada@example.org", Name: "Ada Müller"}, Type: "mail", Handling: channel.Answer,
				Text: "Ja, um fünf.", Media: []channel.Media{photo}, ReplyTo: "id-2@eu-west-1.amazonses.com",
				Mail: &channel.Mail{
					MessageID: "reply-1@example.org", InReplyTo: []string{"id-2@eu-west-1.amazonses.com"},
					References: []string{"id-1@eu-west-1.amazonses.com", "id-2@eu-west-1.amazonses.com"},
					Token:      "k3y", Subject: "Re: Grüße", ReplyTo: "Ada@Example.org",
				},
			}
			switch name {
			case "mailgun_urlencoded":
				want.Media = nil
			case "sendgrid_parsed":
				want.Media = append(want.Media, channel.Media{Type: "document", ContentType: "application/pdf", Size: 5})
			}
			if at := time.Date(2026, 11, 30, 10, 0, 2, 0, time.UTC); !strings.HasPrefix(name, "sendgrid") {
				want.At = at
			}
			updates, err := readSample(t, path)
			u := one(t, updates, err)
			if diff := cmp.Diff(channel.Update{Account: "support@example.com", Message: &want}, u); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestInbox_SES_StoredMail(t *testing.T) {
	_, body := sample(t, "testdata/ses_stored.http")
	m, err := sns.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("asks for the object", func(t *testing.T) {
		var got mail.Object
		_, err := inbox.SES(t.Context(), m, func(_ context.Context, o mail.Object, limit int64) ([]byte, error) {
			if got = o; limit <= 0 {
				t.Errorf("got limit %d, want a positive one", limit)
			}
			return stored(t), nil
		})
		if want := (mail.Object{Bucket: "mail", Key: "in/o3vrnil0e2ic28tr"}); got != want || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
	t.Run("returns the error of a bucket", func(t *testing.T) {
		want := errors.New("no answer")
		if _, got := inbox.SES(t.Context(), m, func(context.Context, mail.Object, int64) ([]byte, error) { return nil, want }); !errors.Is(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("declines without a reader", func(t *testing.T) {
		updates, err := inbox.SES(t.Context(), m, nil)
		in := message(t, one(t, updates, err))
		if got, want := in.Handling, channel.Decline; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := in.Text, `A mail that could not be read (it is in a bucket that is not read) with the subject "Re: Grüße"`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := in.ID, "reply-1@example.org"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
