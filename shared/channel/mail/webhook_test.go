package mail_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/sns"
	"github.com/quintet-agents/quintet/shared/connection"
)

// account returns a connection of a provider with its secrets.
func account(p connection.Provider, secrets connection.Secrets) channel.Account {
	return channel.Account{
		Connection: connection.Connection{Channel: connection.Email, Identifiers: map[string]string{connection.ProviderField: string(p), "address": "support@example.com", "topic_arn": topic}},
		Secrets:    secrets,
	}
}

// amazon serves a certificate, and counts other requests.
type amazon struct {
	certificate string
	confirmed   int
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	page := a.certificate
	if !strings.HasSuffix(r.URL.Path, ".pem") {
		a.confirmed++
		page = "<ConfirmSubscriptionResponse/>"
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(page))}, nil
}

// signTopic signs a message of SNS, version 2.
func signTopic(t *testing.T, key *rsa.PrivateKey, fields map[string]string, names string) []byte {
	t.Helper()
	fields["SignatureVersion"] = "2"
	fields["SigningCertURL"] = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem"
	text := ""
	for name := range strings.FieldsSeq(names) {
		text += name + "\n" + fields[name] + "\n"
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	fields["Signature"] = base64.StdEncoding.EncodeToString(signature)
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Each provider's request is accepted with its secret, and refused with another.
func TestWebhook_Receive(t *testing.T) {
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &rsaKey.PublicKey, rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	web := &amazon{certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
	w := &mail.Webhook{
		Topics:  sns.NewClient(&http.Client{Transport: web}, nil, func() time.Time { return at }),
		Content: func(context.Context, mail.Object, int64) ([]byte, error) { return nil, errors.New("no bucket") },
		Now:     func() time.Time { return at },
	}

	sendGridType, sendGridBody := sample(t, "testdata/sendgrid_raw.http")
	seconds := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256(append([]byte(seconds), sendGridBody...))
	signature, err := ecdsa.SignASN1(rand.Reader, ecKey, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	mailgunType, mailgunBody := sample(t, "testdata/mailgun_urlencoded.http")
	mailgunBody = append(append(bytes.Clone(mailgunBody), '&'), signed(at).Encode()...) // the last values count
	_, postmarkBody := sample(t, "testdata/postmark_parsed.http")
	_, sesBody := sample(t, "testdata/ses_utf8.http")
	m, err := sns.Read(sesBody)
	if err != nil {
		t.Fatal(err)
	}
	notification := map[string]string{"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": m.Message, "Timestamp": at.Format(time.RFC3339)}
	sesBody = signTopic(t, rsaKey, notification, "Message MessageId Timestamp TopicArn Type")

	basic := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ada:word"))}}
	for _, c := range []struct {
		name  string
		right channel.Account
		wrong channel.Account
		h     http.Header
		body  []byte
		token string
	}{
		{
			"SendGrid", account(connection.SendGrid, connection.Secrets{"signing_key": publicKey(t, &ecKey.PublicKey)}), account(connection.SendGrid, connection.Secrets{"signing_key": publicKey(t, &otherKey.PublicKey)}),
			http.Header{"Content-Type": {sendGridType}, sendGridTimestamp: {seconds}, sendGridSignature: {base64.StdEncoding.EncodeToString(signature)}},
			sendGridBody, "",
		},
		{"Mailgun", account(connection.Mailgun, connection.Secrets{"signing_key": "key"}), account(connection.Mailgun, connection.Secrets{"signing_key": "other"}), http.Header{"Content-Type": {mailgunType}}, mailgunBody, token},
		{"Postmark", account(connection.Postmark, connection.Secrets{"username": "ada", "password": "word"}), account(connection.Postmark, connection.Secrets{"username": "ada", "password": "words"}), basic, postmarkBody, ""},
		{"Amazon SES", account(connection.SES, nil), account("", nil), http.Header{}, sesBody, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := w.Receive(t.Context(), c.right, c.h, c.body)
			in := message(t, one(t, d.Updates, err))
			if got, want := in.Text, "Ja, um fünf."; got != want || d.Confirm != nil {
				t.Errorf("got %q and a subscription %t, want %q and none", got, d.Confirm != nil, want)
			}
			if got, want := d.Token, c.token; got != want {
				t.Errorf("got token %q, want %q", got, want)
			}
			if d, err := w.Receive(t.Context(), c.wrong, c.h, c.body); !mail.Unauthentic(err) || mail.Unreadable(err) || len(d.Updates) > 0 {
				t.Errorf("got %v and %d updates with another secret, want it unauthentic", err, len(d.Updates))
			}
		})
	}
	// A captured request is refused before its mail may have been forgotten; Postmark signs nothing,
	// so the time is that of the mail.
	t.Run("a week later", func(t *testing.T) {
		later := *w
		later.Now = func() time.Time { return at.Add(mail.SignatureLife + time.Second) }
		for name, c := range map[string]struct {
			a    channel.Account
			h    http.Header
			body []byte
		}{
			"SendGrid": {
				account(connection.SendGrid, connection.Secrets{"signing_key": publicKey(t, &ecKey.PublicKey)}),
				http.Header{"Content-Type": {sendGridType}, sendGridTimestamp: {seconds}, sendGridSignature: {base64.StdEncoding.EncodeToString(signature)}},
				sendGridBody,
			},
			"Amazon SES": {account(connection.SES, nil), http.Header{}, sesBody},
		} {
			if d, err := later.Receive(t.Context(), c.a, c.h, c.body); !errors.Is(err, mail.ErrStale) || len(d.Updates) > 0 {
				t.Errorf("%s: got %v and %d updates, want ErrStale", name, err, len(d.Updates))
			}
		}
	})
	t.Run("subscription", func(t *testing.T) {
		body := signTopic(t, rsaKey, map[string]string{
			"Type": sns.SubscriptionConfirmation, "MessageId": "m", "TopicArn": topic, "Message": "x", "Timestamp": at.Format(time.RFC3339), "Token": "t", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?x",
		}, "Message MessageId SubscribeURL Timestamp Token TopicArn Type")
		d, err := w.Receive(t.Context(), account(connection.SES, nil), http.Header{}, body)
		if err != nil || d.Confirm == nil || d.Updates[0].Ignored == "" || web.confirmed != 0 {
			t.Fatalf("got %+v, %v, want a subscription that is not confirmed yet", d, err)
		}
		if err := d.Confirm(t.Context()); err != nil || web.confirmed != 1 {
			t.Errorf("got %v and %d confirmations, want one", err, web.confirmed)
		}
	})
	for name, c := range map[string]struct {
		a    channel.Account
		h    http.Header
		body string
	}{
		"no form of Mailgun":    {account(connection.Mailgun, nil), http.Header{}, "x"},
		"no JSON of Postmark":   {account(connection.Postmark, connection.Secrets{"username": "ada", "password": "word"}), basic, "x"},
		"no mail of Postmark":   {account(connection.Postmark, connection.Secrets{"username": "ada", "password": "word"}), basic, "{}"},
		"no message of a topic": {account(connection.SES, nil), http.Header{}, "x"},
	} {
		if _, err := w.Receive(t.Context(), c.a, c.h, []byte(c.body)); !mail.Unreadable(err) || mail.Unauthentic(err) {
			t.Errorf("%s: got %v, want it unreadable", name, err)
		}
	}
	t.Run("no bucket", func(t *testing.T) {
		_, stored := sample(t, "testdata/ses_stored.http")
		m, err := sns.Read(stored)
		if err != nil {
			t.Fatal(err)
		}
		notification["Message"] = m.Message
		body := signTopic(t, rsaKey, notification, "Message MessageId Timestamp TopicArn Type")
		if _, err := w.Receive(t.Context(), account(connection.SES, nil), http.Header{}, body); err == nil || mail.Unauthentic(err) || mail.Unreadable(err) {
			t.Errorf("got %v, want an error after which Amazon repeats the request", err)
		}
	})
}
