package peers_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/sns"
)

const mailSamples = "../../shared/channel/mail/testdata/"

// mailFacts are what is compared of a mail that both we and Anymail read.
type mailFacts struct {
	ID         string   `json:"id"`
	From       string   `json:"from"`
	Name       string   `json:"name"`
	Subject    string   `json:"subject"`
	InReplyTo  string   `json:"in_reply_to"`
	References []string `json:"references"`
	Token      string   `json:"token"`
	Files      [][]any  `json:"files"`
	Replied    bool     `json:"replied"`
	Time       *float64 `json:"time"`
}

type mailSample struct {
	Name          string    `json:"name"`
	ContentType   string    `json:"content_type"`
	Body          []byte    `json:"body"`
	Authorization string    `json:"authorization"`
	Facts         mailFacts `json:"facts"`
}

type mailRequest struct {
	Name          string `json:"name"`
	Takes         bool   `json:"takes"`
	Authorization string `json:"authorization"`
	Key           string `json:"key,omitempty"`
	Timestamp     string `json:"timestamp,omitempty"`
	Signature     string `json:"signature,omitempty"`
	ContentType   string `json:"content_type,omitempty"`
	Body          []byte `json:"body,omitempty"`
}

// Anymail finds in each provider's request what we find, the libraries of SendGrid and Anymail
// accept the signatures that we accept, and libraries for replies cut the same history.
func TestMail_Python(t *testing.T) {
	samples := readMailSamples(t)
	quotes, err := os.ReadFile(mailSamples + "quotes.json")
	if err != nil {
		t.Fatal(err)
	}
	file := writeJSON(t, "mail.json", map[string]any{
		"samples": samples, "stored": storedMail(t), "text": "Ja, um fünf.", "quotes": json.RawMessage(quotes),
		"basic": basicRequests(), "postmark": find(t, samples, "postmark_parsed").Body, "mailgun": mailgunRequests(t, samples), "sendgrid": sendGridRequests(t),
	})
	programs(t, "mail")
	run(t, nil, filepath.Join("mail", "mail.py"), file)
}

// readMailSamples reads all samples but the one of a Mailgun route that stores mail, which
// Anymail refuses.
func readMailSamples(t *testing.T) []mailSample {
	t.Helper()
	paths, err := filepath.Glob(mailSamples + "*.http")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %d samples, %v, want some", len(paths), err)
	}
	var samples []mailSample
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".http")
		if name == "mailgun_stored" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
		s := mailSample{Name: name, ContentType: strings.TrimPrefix(string(head), "Content-Type: "), Body: body, Authorization: basicAuth("ada:pass:word")}
		if strings.HasPrefix(name, "mailgun") {
			s.Body = signMailgun(body, "key")
		}
		s.Facts = factsOf(t, s)
		samples = append(samples, s)
	}
	return samples
}

func find(t *testing.T, samples []mailSample, name string) mailSample {
	t.Helper()
	for _, s := range samples {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("got no sample %s, want one", name)
	return mailSample{}
}

func basicAuth(text string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(text))
}

const mailgunTime, mailgunToken = "1796032802", "ce28bfc0cb2a9d1d0c5ad8a36bb3c5b0ab3f5b0c4d5e6f7081"

// signMailgun puts a signature into a form.
func signMailgun(body []byte, key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(mailgunTime + mailgunToken))
	signature := []byte(hex.EncodeToString(mac.Sum(nil)))
	body = bytes.Replace(body, []byte("signature=00"), append([]byte("signature="), signature...), 1)
	return bytes.Replace(body, []byte("name=\"signature\"\r\n\r\n00"), append([]byte("name=\"signature\"\r\n\r\n"), signature...), 1)
}

// factsOf returns what we find in a sample.
func factsOf(t *testing.T, s mailSample) mailFacts {
	t.Helper()
	inbox := mail.Inbox{Address: "support@example.com"}
	var (
		updates []channel.Update
		err     error
	)
	switch provider, _, _ := strings.Cut(s.Name, "_"); provider {
	case "postmark":
		updates, err = inbox.Postmark(s.Body)
	case "ses":
		var m sns.Message
		if m, err = sns.Read(s.Body); err == nil {
			updates, err = inbox.SES(t.Context(), m, func(context.Context, mail.Object, int64) ([]byte, error) { return storedMail(t), nil })
		}
	default:
		var form mail.Form
		if form, err = mail.ReadForm(s.ContentType, s.Body); err == nil && provider == "mailgun" {
			updates, err = inbox.Mailgun(form)
		} else if err == nil {
			updates, err = inbox.SendGrid(form)
		}
	}
	if err != nil || len(updates) != 1 || updates[0].Message == nil {
		t.Fatalf("%s: got %+v, %v, want a message", s.Name, updates, err)
	}
	in := updates[0].Message
	facts := mailFacts{
		ID: "<" + in.Mail.MessageID + ">", From: in.Mail.ReplyTo, Name: in.From.Name, Subject: in.Mail.Subject, InReplyTo: "<" + in.ReplyTo + ">",
		Token: in.Mail.Token, Files: [][]any{}, Replied: in.Text == "Ja, um fünf.",
	}
	for _, id := range in.Mail.References {
		facts.References = append(facts.References, "<"+id+">")
	}
	for _, m := range in.Media {
		if m.Name != "" { // Django drops a file without a name
			facts.Files = append(facts.Files, []any{m.Name, m.ContentType, m.Size})
		}
	}
	if !in.At.IsZero() && !strings.HasPrefix(s.Name, "postmark") { // Django reads no time of Postmark
		seconds := float64(in.At.Unix())
		facts.Time = &seconds
	}
	return facts
}

// storedMail returns the mail of the samples as it lies in a bucket.
func storedMail(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(mailSamples + "ses_utf8.http")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(text, []byte("\r\n\r\n"))
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

// basicRequests are credentials, and whether we accept them for "ada" and "pass:word".
func basicRequests() []mailRequest {
	var all []mailRequest
	for name, authorization := range map[string]string{
		"right": basicAuth("ada:pass:word"), "another password": basicAuth("ada:pass:worD"), "another name": basicAuth("adA:pass:word"),
		"empty": basicAuth(":"), "none": "", "a token": "Bearer x",
	} {
		h := http.Header{}
		if authorization != "" {
			h.Set("Authorization", authorization)
		}
		all = append(all, mailRequest{Name: name, Authorization: authorization, Takes: mail.VerifyPostmark("ada", "pass:word", h) == nil})
	}
	return all
}

// mailgunRequests are forms with a signature altered at each byte, and with doubled fields.
func mailgunRequests(t *testing.T, samples []mailSample) []mailRequest {
	t.Helper()
	seconds, err := strconv.ParseInt(mailgunTime, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s := find(t, samples, "mailgun_urlencoded")
	all := []mailRequest{{Name: "right", Body: s.Body}, {Name: "doubled, last good", Body: append([]byte("signature=00&token=x&"), s.Body...)}, {Name: "doubled, last bad", Body: append(bytes.Clone(s.Body), "&token=x"...)}}
	start := bytes.Index(s.Body, []byte("signature=")) + len("signature=")
	for i := range 64 {
		altered := bytes.Clone(s.Body)
		altered[start+i] ^= 1
		all = append(all, mailRequest{Name: "byte " + strconv.Itoa(i), Body: altered})
	}
	for i := range all {
		all[i].ContentType = s.ContentType
		form, err := mail.ReadForm(s.ContentType, all[i].Body)
		if err != nil {
			t.Fatal(err)
		}
		_, err = mail.VerifyMailgun("key", form, time.Unix(seconds, 0))
		all[i].Takes = err == nil
	}
	return all
}

// sendGridRequests are signed bodies, right and altered at each byte. SendGrid's library takes
// text only.
func sendGridRequests(t *testing.T) []mailRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ngr\u00fc\u00dfe\r\n--x--\r\n")
	sum := sha256.Sum256(append([]byte("1796032802"), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	right := mailRequest{Name: "right", Key: base64.StdEncoding.EncodeToString(der), Timestamp: "1796032802", Signature: base64.StdEncoding.EncodeToString(signature), Body: body}
	all := []mailRequest{right}
	later := right
	later.Name, later.Timestamp = "another timestamp", "1796032803"
	all = append(all, later)
	for i, b := range body {
		if b < 0x80 {
			altered := right
			altered.Name, altered.Body = "byte "+strconv.Itoa(i), bytes.Clone(body)
			altered.Body[i] ^= 1
			all = append(all, altered)
		}
	}
	for i, r := range all {
		h := http.Header{"X-Twilio-Email-Event-Webhook-Signature": {r.Signature}, "X-Twilio-Email-Event-Webhook-Timestamp": {r.Timestamp}}
		all[i].Takes = mail.VerifySendGrid(r.Key, h, r.Body) == nil
		if want := i == 0; all[i].Takes != want {
			t.Errorf("%s: got accepted %t, want %t", r.Name, all[i].Takes, want)
		}
	}
	return all
}

const (
	snsTopic = "arn:aws:sns:eu-west-1:123456789012:mail"
	snsPlace = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)

// certificates serves a certificate at any URL.
type certificates string

func (c certificates) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(string(c)))}, nil
}

// A library for messages of Amazon SNS accepts those that we accept, of each type and version,
// and refuses them with any signed field altered.
func TestMail_SNS(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	client := sns.NewClient(&http.Client{Transport: certificates(certificate)}, nil, time.Now)
	var all []mailRequest
	add := func(name string, fields map[string]any) {
		body, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		m, err := sns.Read(body)
		all = append(all, mailRequest{Name: name, Body: body, Takes: err == nil && client.Verify(t.Context(), m, snsTopic) == nil})
	}
	for _, version := range []string{"1", "2"} {
		for _, c := range []struct {
			name   string
			fields map[string]any
			signed string
		}{
			{"notification", map[string]any{"Type": "Notification"}, "Message MessageId Timestamp TopicArn Type"},
			{"with a subject", map[string]any{"Type": "Notification", "Subject": "S"}, "Message MessageId Subject Timestamp TopicArn Type"},
			{"with a null subject", map[string]any{"Type": "Notification", "Subject": nil}, "Message MessageId Timestamp TopicArn Type"},
			{"subscription", map[string]any{"Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?x"}, "Message MessageId SubscribeURL Timestamp Token TopicArn Type"},
			{"unsubscribed", map[string]any{"Type": "UnsubscribeConfirmation", "Token": "t", "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?x"}, "Message MessageId SubscribeURL Timestamp Token TopicArn Type"},
		} {
			maps.Copy(c.fields, map[string]any{
				"Message": "gr\u00fc\u00dfe\n", "MessageId": "m-1", "Timestamp": "2026-11-30T10:00:00.000Z", "TopicArn": snsTopic,
				"SignatureVersion": version, "SigningCertURL": snsPlace,
			})
			c.fields["Signature"] = signSNS(t, key, c.fields, strings.Fields(c.signed))
			name := "version " + version + ", " + c.name
			add(name, c.fields)
			if !all[len(all)-1].Takes {
				t.Errorf("%s: got it refused, want it accepted", name)
			}
			for _, field := range append(strings.Fields(c.signed), "Signature", "SignatureVersion") {
				altered := maps.Clone(c.fields)
				text, _ := altered[field].(string)
				altered[field] = "X" + text[1:]
				add(name+", altered "+field, altered)
			}
		}
	}
	programs(t, "mail")
	run(t, nil, filepath.Join("mail", "sns.ts"), writeJSON(t, "sns.json", map[string]any{"place": snsPlace, "certificate": certificate, "messages": all}))
}

func signSNS(t *testing.T, key *rsa.PrivateKey, fields map[string]any, names []string) string {
	t.Helper()
	var text strings.Builder
	for _, name := range names {
		value, _ := fields[name].(string)
		text.WriteString(name + "\n" + value + "\n")
	}
	hash, digest := crypto.SHA256, sha256.New()
	if fields["SignatureVersion"] == "1" {
		hash, digest = crypto.SHA1, sha1.New()
	}
	digest.Write([]byte(text.String()))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, digest.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}
