package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Provider delivers mail to a webhook.
type Provider interface {
	// Name is the provider's name in a connection.
	Name() string

	// Credentials are the fields that a connection needs beside provider and address.
	Credentials() map[string]string

	// Webhook returns the request for a letter.
	Webhook(l Letter) Webhook
}

// Webhook is a request of a provider.
type Webhook struct {
	Header http.Header
	Body   []byte
}

// SendGrid signs the timestamp and the raw body, with the key of a security policy.
type SendGrid struct {
	key    *ecdsa.PrivateKey
	public string
}

// NewSendGrid returns SendGrid with a new key.
func NewSendGrid(tb testing.TB) SendGrid {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	return SendGrid{key: key, public: base64.StdEncoding.EncodeToString(der)}
}

// Name implements Provider.
func (SendGrid) Name() string { return "sendgrid" }

// Credentials implements Provider.
func (s SendGrid) Credentials() map[string]string {
	return map[string]string{"signing_key": s.public}
}

// Webhook implements Provider, in the raw form.
func (s SendGrid) Webhook(l Letter) Webhook {
	w := form([][2]string{
		{"email", l.Raw()},
		{"dkim", "{@example.org : pass}"},
		{"from", l.From},
		{"to", l.To},
		{"subject", l.Subject},
		{"sender_ip", "192.0.2.7"},
		{"envelope", object(map[string]any{"to": []string{l.To}, "from": l.sender()})},
		{"SPF", "pass"},
		{"charsets", `{"to":"UTF-8","from":"UTF-8","subject":"UTF-8"}`},
	})
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(append([]byte(timestamp), w.Body...))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	if err != nil {
		panic(err)
	}
	w.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
	w.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
	return w
}

// Mailgun signs a timestamp and a token, and not the mail.
type Mailgun struct{ SigningKey string }

// Name implements Provider.
func (Mailgun) Name() string { return "mailgun" }

// Credentials implements Provider.
func (m Mailgun) Credentials() map[string]string {
	return map[string]string{"signing_key": m.SigningKey}
}

// Webhook implements Provider, with a token of its own.
func (m Mailgun) Webhook(l Letter) Webhook { return m.WithToken(l, strings.ToLower(rand.Text())) }

// WithToken returns the request for a letter with a token, as a route that forwards raw mail.
func (m Mailgun) WithToken(l Letter, token string) Webhook {
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(m.SigningKey))
	mac.Write([]byte(timestamp + token))
	return form([][2]string{
		{"recipient", l.To},
		{"sender", l.sender()},
		{"subject", l.Subject},
		{"from", l.From},
		{"body-mime", l.Raw()},
		{"timestamp", timestamp},
		{"token", token},
		{"signature", hex.EncodeToString(mac.Sum(nil))},
	})
}

// Postmark sends the user name and the password of the webhook's URL.
type Postmark struct{ Username, Password string }

// Name implements Provider.
func (Postmark) Name() string { return "postmark" }

// Credentials implements Provider.
func (p Postmark) Credentials() map[string]string {
	return map[string]string{"username": p.Username, "password": p.Password}
}

// Webhook implements Provider, with "Include raw email content in JSON payload".
func (p Postmark) Webhook(l Letter) Webhook {
	headers := []map[string]string{{"Name": "Return-Path", "Value": "<" + l.sender() + ">"}}
	for _, f := range l.fields() {
		headers = append(headers, map[string]string{"Name": f[0], "Value": f[1]})
	}
	to := map[string]string{"Email": l.To, "Name": "", "MailboxHash": mailboxHash(l.To)}
	body := object(map[string]any{
		"From": l.sender(), "FromFull": map[string]string{"Email": l.sender(), "Name": "", "MailboxHash": ""}, "To": l.To, "ToFull": []any{to}, "CcFull": []any{}, "BccFull": []any{},
		"OriginalRecipient": l.To, "Subject": l.Subject, "MessageID": "22c74902-a0c1-4511-804f-341342852c90", "MailboxHash": mailboxHash(l.To), "MessageStream": "inbound",
		"TextBody": l.Text, "HtmlBody": "", "RawEmail": l.Raw(), "Headers": headers, "Attachments": []any{},
	})
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.Username+":"+p.Password)))
	return Webhook{Header: h, Body: []byte(body)}
}

func mailboxHash(address string) string {
	local, _, _ := strings.Cut(address, "@")
	_, hash, _ := strings.Cut(local, "+")
	return hash
}

func form(fields [][2]string) Webhook {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1]) // a buffer takes everything
	}
	_ = w.Close()
	return Webhook{Header: http.Header{"Content-Type": {w.FormDataContentType()}}, Body: b.Bytes()}
}

func object(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of texts always encode
	}
	return string(text)
}
