package mail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// bounce is a report on a mail of ours. Its parts are a text, the status and the mail's head.
func bounce(kind, status, original string) string {
	return strings.ReplaceAll("From: MAILER-DAEMON@example.org\nTo: support@example.com\nSubject: Undelivered\nReturn-Path: <>\nMessage-ID: <dsn@example.org>\n"+
		"Content-Type: multipart/report; report-type="+kind+"; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt failed.\n--b\nContent-Type: message/"+kind+"\n\n"+status+
		"\n--b\n"+original+"\n--b--\n", "\n", "\r\n")
}

func TestInbox_Reports(t *testing.T) {
	const (
		failed    = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; Ada@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown user\n"
		delayed   = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; ada@example.org\nAction: delayed\nStatus: 4.4.1\n"
		delivered = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; ada@example.org\nAction: delivered\nStatus: 2.0.0\n"
		displayed = "Final-Recipient: rfc822; ada@example.org\nOriginal-Message-ID: <our-1@eu-west-1.amazonses.com>\nDisposition: manual-action/MDN-sent-manually; displayed\n"
		full      = "Content-Type: message/rfc822\n\nFrom: support@example.com\nMessage-ID: <our-1@eu-west-1.amazonses.com>\nX-Quintet-Send-Id: 0198-abc\n\nHello"
		headOnly  = "Content-Type: text/rfc822-headers\n\nMessage-ID: <our-1@eu-west-1.amazonses.com>\n"
		id        = "our-1@eu-west-1.amazonses.com"
	)
	ada := channel.Person{Address: "ada@example.org"}
	undeliverable := &channel.SendError{Kind: channel.Undeliverable, Message: "The mail could not be delivered", Details: "5.1.1 550 5.1.1 unknown user"}
	for _, c := range []struct {
		name, mail string
		want       channel.Update
	}{
		{"failed", bounce("delivery-status", failed, full), channel.Update{Status: &channel.Status{MessageID: id, Ref: "0198-abc", State: channel.Failed, Person: ada, Failure: undeliverable}}},
		{"failed, with the head only", bounce("delivery-status", failed, headOnly), channel.Update{Status: &channel.Status{MessageID: id, State: channel.Failed, Person: ada, Failure: undeliverable}}},
		{"delivered", bounce("delivery-status", delivered, headOnly), channel.Update{Status: &channel.Status{MessageID: id, State: channel.Delivered, Person: ada}}},
		{"delayed", bounce("delivery-status", delayed, headOnly), channel.Update{Ignored: "a report of a state that is not used"}},
		{"read", bounce("disposition-notification", displayed, headOnly), channel.Update{Status: &channel.Status{MessageID: id, State: channel.Read, Person: ada}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Account = "support@example.com"
			if diff := cmp.Diff(c.want, raw(t, c.mail)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for name, text := range map[string]string{
		"without the mail":   bounce("delivery-status", failed, "Content-Type: text/plain\n\nx"),
		"a complaint":        bounce("feedback-report", "Feedback-Type: abuse\n", headOnly),
		"deleted and unread": bounce("disposition-notification", strings.Replace(displayed, "; displayed", "; deleted", 1), headOnly),
	} {
		t.Run("record "+name, func(t *testing.T) {
			in := message(t, raw(t, text))
			if got, want := in.Handling, channel.Record; got != want || in.Text == "" {
				t.Errorf("got %s, %q, want %s and a text", got, in.Text, want)
			}
		})
	}
}

// Providers that parse mail post the parts of a report as attachments.
func TestInbox_Reports_Attached(t *testing.T) {
	u := postmark(t, `{"FromFull":{"Email":"MAILER-DAEMON@example.org"},"MessageID":"m","TextBody":"It failed.",
		"Headers":[{"Name":"Return-Path","Value":"<>"},{"Name":"Content-Type","Value":"multipart/report; report-type=delivery-status; boundary=b"}],
		"Attachments":[{"Name":"status","ContentType":"message/delivery-status","Content":"UmVwb3J0aW5nLU1UQTogZG5zOyB4CgpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMC4wCg=="},
			{"Name":"mail","ContentType":"message/rfc822","Content":"TWVzc2FnZS1JRDogPG91cnNAZXhhbXBsZS5jb20+CgpIZWxsbw=="}]}`)
	want := channel.Update{Account: "support@example.com", Status: &channel.Status{
		MessageID: "ours@example.com", State: channel.Failed, Failure: &channel.SendError{Kind: channel.Undeliverable, Message: "The mail could not be delivered", Details: "5.0.0"},
	}}
	if diff := cmp.Diff(want, u); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Amazon SES reports the states of sent mail on topics, too.
func TestInbox_SES_SentMail(t *testing.T) {
	at := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	ada := channel.Person{Address: "ada@example.org"}
	const mail = `"mail":{"messageId":"0100-abc","headers":[{"name":"X-Quintet-Send-Id","value":"0198-abc"}]}`
	for _, c := range []struct {
		name, notification string
		want               channel.Update
	}{
		{
			"bounce", `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","timestamp":"2026-11-30T10:00:00Z","bouncedRecipients":[{"emailAddress":"Ada@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 unknown"}]},` + mail + `}`,
			channel.Update{Status: &channel.Status{
				MessageID: "0100-abc@eu-west-1.amazonses.com", Ref: "0198-abc", State: channel.Failed, At: at, Person: ada,
				Failure: &channel.SendError{Kind: channel.Undeliverable, Message: "The mail could not be delivered", Details: "5.1.1 smtp; 550 unknown"},
			}},
		},
		{
			"delivery of a configuration set", `{"eventType":"Delivery","delivery":{"timestamp":"2026-11-30T10:00:00Z"},` + mail + `}`,
			channel.Update{Status: &channel.Status{MessageID: "0100-abc@eu-west-1.amazonses.com", Ref: "0198-abc", State: channel.Delivered, At: at}},
		},
		{
			"complaint", `{"notificationType":"Complaint","complaint":{"timestamp":"2026-11-30T10:00:00Z","complainedRecipients":[{"emailAddress":"ada@example.org"}]},` + mail + `}`,
			channel.Update{Preference: &channel.Preference{Person: ada, OptedOut: true, At: at}},
		},
		{"delay", `{"eventType":"DeliveryDelay",` + mail + `}`, channel.Update{Ignored: "a notification of Amazon SES of the type DeliveryDelay"}},
		{"a test of the topic", `{"notificationType":"AmazonSnsSubscriptionSucceeded","message":"x"}`, channel.Update{Ignored: "a notification of Amazon SES about no mail: AmazonSnsSubscriptionSucceeded"}},
		{"no JSON", "Successfully validated SNS topic", channel.Update{Ignored: "a notification that is not of Amazon SES"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Account = "support@example.com"
			if diff := cmp.Diff(c.want, ses(t, c.notification)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
