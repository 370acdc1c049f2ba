package ses_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	fake "github.com/quintet-agents/quintet/tests/ses"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

const (
	org  = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
	chat = "0193a1b2-c3d4-7e5f-8a9b-00000000c4a7"
	ref  = chat + "/0193a1b2-0000-7000-8000-000000000001/0"
	home = "ann@home.example"
)

var at = time.Date(2026, 11, 30, 9, 5, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ now time.Time }

func config(endpoint, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &endpoint, HTTPClient: awshttp.PlainBodies(http.DefaultClient),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// client returns a client that asks no DNS, which only Verify does.
func client(endpoint, region string) *ses.Client {
	return ses.New(config(endpoint, region), nil, func() time.Time { return at })
}

func shop() fake.Identity {
	return fake.Identity{Name: "shop.example", Verified: true, Tags: map[string]string{connection.IdentityTag: org}}
}

func account() channel.Account {
	return channel.Account{
		Connection: connection.Connection{
			ID: "c", OrgID: org, Channel: connection.Email, Name: "Shop",
			Identifiers: map[string]string{"address": "support@shop.example", connection.ProviderField: string(connection.Mailgun)},
		},
		Secrets: connection.Secrets{connection.ReplyKey: "KEY"},
	}
}

func outgoing() channel.Outgoing {
	return channel.Outgoing{
		To: channel.Person{Address: home, Name: "Ann"}, Text: "On its way.", Ref: ref,
		Mail: &channel.MailHead{Subject: "My order", InReplyTo: "a1@home.example", References: []string{"a0@home.example"}, Token: chat},
	}
}

func failureOf(t *testing.T, err error) channel.SendError {
	t.Helper()
	f, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("got %v, want a SendError", err)
	}
	return *f
}

// The receipt has the id that the recipient's mail program puts into In-Reply-To. The mail that
// arrives has our own id in References, because SES replaces its Message-ID.
func TestSend_Arrives(t *testing.T) {
	for region, domain := range map[string]string{"us-east-1": "@email.amazonses.com", "eu-west-1": "@eu-west-1.amazonses.com"} {
		t.Run(region, func(t *testing.T) {
			s := fake.Start(t, region, shop())
			receipt, err := client(s.URL, region).Send(t.Context(), account(), outgoing())
			if err != nil {
				t.Fatal(err)
			}
			taken := s.Accepted()[0]
			m, err := mail.ReadMessage(bytes.NewReader(taken.Sent))
			if err != nil {
				t.Fatal(err)
			}
			if want := taken.ID + domain; receipt.MessageID != want || m.Header.Get("Message-Id") != "<"+want+">" {
				t.Errorf("got the receipt %s and the mail %s, want %s", receipt.MessageID, m.Header.Get("Message-Id"), want)
			}
			got := map[string]string{}
			for _, name := range []string{"From", "To", "Reply-To", "Subject", "In-Reply-To", "References", "Auto-Submitted"} {
				got[name] = m.Header.Get(name)
			}
			want := map[string]string{
				"From": `"Shop" <support@shop.example>`, "To": `"Ann" <ann@home.example>`, "Reply-To": `"Shop" <support+` + reply.Token([]byte("KEY"), uuid.MustParse(chat)) + `@shop.example>`, "Subject": "Re: My order",
				"In-Reply-To": "<a1@home.example>", "References": "<a0@home.example> <a1@home.example> <" + reply.ID([]byte("KEY"), ref, "shop.example") + ">", "Auto-Submitted": "auto-replied",
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(map[string]string{"quintet-send": strings.ReplaceAll(ref, "/", "_")}, taken.Tags); d != "" {
				t.Errorf("tags (-want +got):\n%s", d)
			}
			if receipt.ContactID != home || string(receipt.Body) != `{"MessageId":"`+taken.ID+`"}` {
				t.Errorf("got %+v", receipt)
			}
		})
	}
}

// What a person of the business writes is not marked as automatic.
func TestSend_Human(t *testing.T) {
	s := fake.Start(t, "us-east-1", shop())
	m := outgoing()
	m.Human, m.Mail = true, nil
	if _, err := client(s.URL, "us-east-1").Send(t.Context(), account(), m); err != nil {
		t.Fatal(err)
	}
	if got := string(s.Accepted()[0].Sent); strings.Contains(got, "Auto-Submitted") || strings.Contains(got, "In-Reply-To") {
		t.Errorf("got %s", got)
	}
}

// Each error of the API has the kind that says what is safe, and is not retried.
func TestSend_Errors(t *testing.T) {
	for name, c := range map[string]struct {
		reply fake.Reply
		want  channel.SendError
	}{
		"too fast":       {fake.Error(429, "TooManyRequestsException", "Maximum sending rate exceeded."), channel.SendError{Kind: channel.Throttled, Name: "TooManyRequestsException", Message: "Amazon SES refused the mail: Maximum sending rate exceeded."}},
		"quota":          {fake.Error(429, "TooManyRequestsException", "Daily message quota exceeded."), channel.SendError{Kind: channel.Throttled, Name: "TooManyRequestsException", Message: "Amazon SES refused the mail: Daily message quota exceeded.", RetryAfter: time.Hour}},
		"limit":          {fake.Error(400, "LimitExceededException", "Too many."), channel.SendError{Kind: channel.Throttled, Name: "LimitExceededException", Message: "Amazon SES refused the mail: Too many."}},
		"throttled":      {fake.Error(400, "ThrottlingException", "Rate exceeded"), channel.SendError{Kind: channel.Throttled, Name: "ThrottlingException", Message: "Amazon SES refused the mail: Rate exceeded"}},
		"suspended":      {fake.Error(400, "AccountSuspendedException", ""), channel.SendError{Kind: channel.Stopped, Name: "AccountSuspendedException", Message: "The deployment's account of Amazon SES may not send mail any more"}},
		"paused":         {fake.Error(400, "SendingPausedException", "x"), channel.SendError{Kind: channel.Stopped, Name: "SendingPausedException", Message: "Sending is paused in the deployment's account of Amazon SES"}},
		"MAIL FROM":      {fake.Error(400, "MailFromDomainNotVerifiedException", "x"), channel.SendError{Kind: channel.Stopped, Name: "MailFromDomainNotVerifiedException", Message: "The MAIL FROM domain of the sending identity is not verified in Amazon SES"}},
		"not verified":   {fake.Error(400, "MessageRejected", "Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.c"), channel.SendError{Kind: channel.Stopped, Name: "EmailAddressNotVerified", Message: "Amazon SES has not verified the sender's address, or the account is in its sandbox and may not write to this person"}},
		"content":        {fake.Error(400, "MessageRejected", "Message rejected due to its content."), channel.SendError{Kind: channel.Rejected, Name: "MessageRejected", Message: "Amazon SES refused the mail: Message rejected due to its content."}},
		"bad request":    {fake.Error(400, "BadRequestException", "Illegal address"), channel.SendError{Kind: channel.Rejected, Name: "BadRequestException", Message: "Amazon SES refused the mail: Illegal address"}},
		"not found":      {fake.Error(404, "NotFoundException", "No configuration set"), channel.SendError{Kind: channel.Rejected, Name: "NotFoundException", Message: "Amazon SES refused the mail: No configuration set"}},
		"denied":         {fake.Error(403, "AccessDeniedException", "User: arn:aws:sts::123456789012:role is not authorized"), channel.SendError{Kind: channel.Stopped, Name: "AccessDeniedException", Message: "The deployment has no right to send mail with Amazon SES"}},
		"new and denied": {fake.Error(403, "InvalidSignatureException", "arn:aws:sts::123456789012:role"), channel.SendError{Kind: channel.Stopped, Name: "InvalidSignatureException", Message: "Amazon SES refused the mail with the error InvalidSignatureException"}},
		"new":            {fake.Error(400, "ConflictException", "x"), channel.SendError{Kind: channel.Rejected, Name: "ConflictException", Message: "Amazon SES refused the mail with the error ConflictException"}},
		"fault":          {fake.Error(500, "InternalServiceErrorException", ""), channel.SendError{Kind: channel.Unknown, Message: "The answer of Amazon SES was lost; the mail may have been sent"}},
		"a gateway":      {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }, channel.SendError{Kind: channel.Unknown, Message: "The answer of Amazon SES was lost; the mail may have been sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", shop())
			s.Refuse(c.reply)
			_, err := client(s.URL, "us-east-1").Send(t.Context(), account(), outgoing())
			got := failureOf(t, err)
			if (got.Action != "") != (got.Kind == channel.Stopped) {
				t.Errorf("got the action %q", got.Action)
			}
			got.Err, got.Action = nil, ""
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if n := len(s.Accepted()); n != 0 {
				t.Errorf("got %d mails after the refusal, want no retry", n)
			}
		})
	}
}

// A lost answer is unknown, and sent once. An answer without an id is, too.
func TestSend_Lost(t *testing.T) {
	for name, lose := range map[string]fake.Reply{
		"hung up": fake.HangUp,
		"no id":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"half way": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = io.WriteString(w, `{"Mess`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", shop())
			s.Lose(lose)
			_, err := client(s.URL, "us-east-1").Send(t.Context(), account(), outgoing())
			if f := failureOf(t, err); f.Kind != channel.Unknown || len(s.Accepted()) != 1 {
				t.Errorf("got %v after %d mails, want unknown after 1", err, len(s.Accepted()))
			}
		})
	}
}

// A server that is not there got nothing, so that the send may be repeated.
func TestSend_NotReached(t *testing.T) {
	s := fake.Start(t, "us-east-1", shop())
	c := client(s.URL, "us-east-1")
	if _, err := c.Send(t.Context(), account(), outgoing()); err != nil { // the identity is remembered
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	_, err = client("http://"+dead.Addr().String(), "us-east-1").Send(t.Context(), account(), outgoing())
	if f := failureOf(t, err); f.Kind != channel.Unsent {
		t.Errorf("got %v, want unsent", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Send(ctx, account(), outgoing())
	if f := failureOf(t, err); f.Kind != channel.Unsent || len(s.Accepted()) != 1 {
		t.Errorf("with an ended context: got %v after %d mails, want unsent after 1", err, len(s.Accepted()))
	}
}

// What cannot be built is refused before SES is asked.
func TestSend_NotBuilt(t *testing.T) {
	s := fake.Start(t, "us-east-1", shop())
	c := client(s.URL, "us-east-1")
	for name, change := range map[string]func(*channel.Outgoing){
		"a template":     func(m *channel.Outgoing) { m.Template = &connection.Template{Name: "x"} },
		"no text":        func(m *channel.Outgoing) { m.Text = "" },
		"two recipients": func(m *channel.Outgoing) { m.To.Address = "a@b.example,c@d.example" },
		"no reference":   func(m *channel.Outgoing) { m.Ref = "" },
	} {
		m := outgoing()
		change(&m)
		_, err := c.Send(t.Context(), account(), m)
		if f := failureOf(t, err); f.Kind != channel.Rejected && f.Kind != channel.Undeliverable {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if s.Reads() != 0 || len(s.Accepted()) != 0 {
		t.Errorf("got %d reads and %d mails, want none", s.Reads(), len(s.Accepted()))
	}
}

// A mail is one message, whatever its length, and nothing is fetched or shown.
func TestClient_Mail(t *testing.T) {
	s := fake.Start(t, "us-east-1", shop())
	c := client(s.URL, "us-east-1")
	text := strings.Repeat("word ", 100_000)
	if got := c.Split(text); len(got) != 1 || got[0] != text {
		t.Errorf("got %d parts, want the whole text", len(got))
	}
	if err := c.Typing(t.Context(), account(), channel.Inbound{}); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Fetch(t.Context(), account(), channel.Media{ID: "1"}, 1); failureOf(t, err).Kind != channel.Rejected {
		t.Errorf("got %v of Fetch, want Rejected: no later attempt has the file", err)
	}
	m := outgoing()
	m.Text = text
	if _, err := c.Send(t.Context(), account(), m); err != nil {
		t.Error(err)
	}
}
