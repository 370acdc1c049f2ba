package sns_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel/sns"
)

const (
	topic = "arn:aws:sns:eu-west-1:123456789012:mail"
	place = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)

var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// amazon is what the client reaches: it serves pages and remembers what was requested.
type amazon struct {
	pages     map[string]string
	redirect  string
	requested []string
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.requested = append(a.requested, r.URL.String())
	res := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Request: r, Body: http.NoBody}
	if a.redirect != "" {
		res.StatusCode = http.StatusFound
		res.Header.Set("Location", a.redirect)
	} else if page, ok := a.pages[r.URL.Scheme+"://"+r.URL.Host+r.URL.Path]; ok {
		res.StatusCode, res.Body = http.StatusOK, io.NopCloser(strings.NewReader(page))
	}
	return res, nil
}

// signer is a certificate of a chain: a root, an intermediate and the certificate itself.
type signer struct {
	key   *rsa.PrivateKey
	roots *x509.CertPool
	pem   string // the certificate and the intermediate
}

func newSigner(t *testing.T) signer {
	t.Helper()
	s := signer{roots: x509.NewCertPool()}
	var parent *x509.Certificate
	var parentKey *rsa.PrivateKey
	for i, name := range []string{"root", "intermediate", "sns.amazonaws.com"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
			IsCA: i < 2, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		}
		if parent == nil {
			parent, parentKey = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			s.roots.AddCert(certificate)
		} else {
			s.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + s.pem
		}
		parent, parentKey, s.key = certificate, key, key
	}
	return s
}

// sign signs fields as Amazon's page on verifying signatures describes it.
func (s signer) sign(t *testing.T, fields map[string]string, names ...string) []byte {
	t.Helper()
	text := ""
	for _, name := range names {
		if value, ok := fields[name]; ok {
			text += name + "\n" + value + "\n"
		}
	}
	hash, digest := crypto.SHA256, sha256.New()
	if fields["SignatureVersion"] == "1" {
		hash, digest = crypto.SHA1, sha1.New()
	}
	digest.Write([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, hash, digest.Sum(nil))
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

func (s signer) notification(t *testing.T, version string) []byte {
	t.Helper()
	return s.sign(t, map[string]string{
		"Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Message": "grüße\n", "Timestamp": "2026-11-30T12:00:00.000Z",
		"SignatureVersion": version, "SigningCertURL": place, "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
	}, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
}

func (s signer) confirmation(t *testing.T, kind, subscribe string) []byte {
	t.Helper()
	return s.sign(t, map[string]string{
		"Type": kind, "MessageId": "m-2", "TopicArn": topic, "Message": "You have chosen to subscribe", "Timestamp": "2026-11-30T12:00:00.000Z",
		"Token": "abc def", "SubscribeURL": subscribe, "SignatureVersion": "2", "SigningCertURL": place,
	}, "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
}

func verify(t *testing.T, c *sns.Client, body []byte, topicARN string) error {
	t.Helper()
	m, err := sns.Read(body)
	if err != nil {
		return err
	}
	return c.Verify(t.Context(), m, topicARN)
}

func TestVerify_AcceptsAmazon(t *testing.T) {
	s := newSigner(t)
	web := &amazon{pages: map[string]string{place: s.pem}}
	c := sns.NewClient(&http.Client{Transport: web}, s.roots, func() time.Time { return now })
	for name, body := range map[string][]byte{
		"version 1":    s.notification(t, "1"),
		"version 2":    s.notification(t, "2"),
		"null subject": []byte(strings.Replace(string(s.notification(t, "2")), `"Message"`, `"Subject":null,"Message"`, 1)),
		"subscription": s.confirmation(t, sns.SubscriptionConfirmation, "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"),
		"unsubscribed": s.confirmation(t, sns.UnsubscribeConfirmation, "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"),
		"with subject": s.sign(t, map[string]string{
			"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Subject": "S", "Message": "x", "Timestamp": "t", "SignatureVersion": "1", "SigningCertURL": place,
		}, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
	} {
		if err := verify(t, c, body, topic); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
	if got, want := len(web.requested), 1; got != want {
		t.Errorf("got %d requests for the certificate, want %d", got, want)
	}
}

// Each byte of the signed fields and of the signature counts.
func TestVerify_RefusesAlteredBytes(t *testing.T) {
	s := newSigner(t)
	c := sns.NewClient(&http.Client{Transport: &amazon{pages: map[string]string{place: s.pem}}}, nil, func() time.Time { return now })
	for _, version := range []string{"1", "2"} {
		m, err := sns.Read(s.notification(t, version))
		if err != nil {
			t.Fatal(err)
		}
		for name, field := range map[string]func(*sns.Message) *string{
			"Message":        func(m *sns.Message) *string { return &m.Message },
			"MessageId":      func(m *sns.Message) *string { return &m.MessageID },
			"Timestamp":      func(m *sns.Message) *string { return &m.Timestamp },
			"TopicArn":       func(m *sns.Message) *string { return &m.TopicARN },
			"Type":           func(m *sns.Message) *string { return &m.Type },
			"Signature":      func(m *sns.Message) *string { return &m.Signature },
			"version":        func(m *sns.Message) *string { return &m.SignatureVersion },
			"SigningCertURL": func(m *sns.Message) *string { return &m.SigningCertURL },
		} {
			for i := range len(*field(&m)) {
				altered := m
				b := []byte(*field(&altered))
				b[i] ^= 1
				*field(&altered) = string(b)
				if err := c.Verify(t.Context(), altered, topic); err == nil {
					t.Errorf("version %s: got %s accepted with byte %d altered, want it refused", version, name, i)
				}
			}
		}
	}
}

func TestVerify_RefusesOtherPlaces(t *testing.T) {
	s := newSigner(t)
	for _, at := range []string{
		"http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem",
		"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab.pem",
		"https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-ab.pem",
		"https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-ab.pem",
		"https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem",
		"https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-ab.pem",
		"https://sns.s3.amazonaws.com/SimpleNotificationService-ab.pem",
		"https://s3.eu-west-1.amazonaws.com/sns/SimpleNotificationService-ab.pem",
		"https://SNS.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem",
		"https://sns.eu-west-1.amazonaws.com/x/../SimpleNotificationService-ab.pem",
		"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem?x",
		"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem#x",
		"https://sns.eu-west-1.amazonaws.com/Other-ab.pem",
		"",
	} {
		web := &amazon{pages: map[string]string{at: s.pem}}
		c := sns.NewClient(&http.Client{Transport: web}, nil, func() time.Time { return now })
		m, err := sns.Read(s.notification(t, "2"))
		if err != nil {
			t.Fatal(err)
		}
		m.SigningCertURL = at
		if got := c.Verify(t.Context(), m, topic); !errors.Is(got, sns.ErrSignature) {
			t.Errorf("%q: got %v, want ErrSignature", at, got)
		}
		if len(web.requested) > 0 {
			t.Errorf("%q: got requests %v, want none", at, web.requested)
		}
	}
}

func TestVerify_Errors(t *testing.T) {
	s, foreign := newSigner(t), newSigner(t)
	pages := map[string]string{place: s.pem}
	for _, c := range []struct {
		name  string
		body  []byte
		topic string
		web   *amazon
		roots *x509.CertPool
		now   time.Time
		want  error
	}{
		{"another topic", s.notification(t, "2"), topic + "2", &amazon{pages: pages}, s.roots, now, sns.ErrTopic},
		{"no topic", s.notification(t, "2"), "", &amazon{pages: pages}, s.roots, now, sns.ErrTopic},
		{"another key", foreign.notification(t, "2"), topic, &amazon{pages: pages}, s.roots, now, sns.ErrSignature},
		{"an unknown version", s.notification(t, "3"), topic, &amazon{pages: pages}, s.roots, now, sns.ErrSignature},
		{"an expired certificate", s.notification(t, "2"), topic, &amazon{pages: pages}, nil, now.Add(2 * time.Hour), sns.ErrSignature},
		{"another root", s.notification(t, "2"), topic, &amazon{pages: pages}, foreign.roots, now, sns.ErrUnavailable},
		{"no certificate", s.notification(t, "2"), topic, &amazon{}, s.roots, now, sns.ErrUnavailable},
		{"no PEM", s.notification(t, "2"), topic, &amazon{pages: map[string]string{place: "x"}}, s.roots, now, sns.ErrUnavailable},
		{"a huge certificate", s.notification(t, "2"), topic, &amazon{pages: map[string]string{place: strings.Repeat("x", 1<<20)}}, s.roots, now, sns.ErrUnavailable},
		{"a redirect", s.notification(t, "2"), topic, &amazon{redirect: "https://evil.example/"}, s.roots, now, sns.ErrUnavailable},
		{"no signature", []byte(`{"Type":"Notification"}`), topic, &amazon{pages: pages}, s.roots, now, sns.ErrUnsigned},
		{"no message", []byte(`{}`), topic, &amazon{pages: pages}, s.roots, now, sns.ErrFormat},
		{"no JSON", []byte(`<`), topic, &amazon{pages: pages}, s.roots, now, sns.ErrFormat},
	} {
		client := sns.NewClient(&http.Client{Transport: c.web}, c.roots, func() time.Time { return c.now })
		if got := verify(t, client, c.body, c.topic); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if len(c.web.requested) > 1 {
			t.Errorf("%s: got requests %v, want at most one", c.name, c.web.requested)
		}
	}
}

func TestConfirm(t *testing.T) {
	s := newSigner(t)
	const root = "https://sns.eu-west-1.amazonaws.com/"
	for _, c := range []struct {
		name, kind, subscribe string
		want                  error
	}{
		{"subscription", sns.SubscriptionConfirmation, root + "?Action=ConfirmSubscription&TopicArn=x", nil},
		{"another host", sns.SubscriptionConfirmation, "https://evil.example/", sns.ErrSignature},
		{"another region", sns.SubscriptionConfirmation, "https://sns.us-east-1.amazonaws.com/", sns.ErrSignature},
		{"unsubscribed", sns.UnsubscribeConfirmation, root, sns.ErrSignature},
	} {
		web := &amazon{pages: map[string]string{root: "<ConfirmSubscriptionResponse/>"}}
		client := sns.NewClient(&http.Client{Transport: web}, nil, time.Now)
		m, err := sns.Read(s.confirmation(t, c.kind, c.subscribe))
		if err != nil {
			t.Fatal(err)
		}
		if got := client.Confirm(context.Background(), m); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		got, want := strings.Join(web.requested, " "), ""
		if c.want == nil {
			want = root + "?Action=ConfirmSubscription&Token=abc+def&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Amail&Version=2010-03-31"
		}
		if got != want {
			t.Errorf("%s: got requests %q, want %q", c.name, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"Type":"Notification","Subject":null}`))
	client := sns.NewClient(&http.Client{Transport: &amazon{}}, nil, time.Now)
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := sns.Read(body)
		if err != nil {
			return
		}
		if client.Verify(t.Context(), m, m.TopicARN) == nil {
			t.Errorf("got %q accepted, want it refused", body)
		}
		if err := client.Confirm(t.Context(), m); err == nil {
			t.Errorf("got %q confirmed, want it refused", body)
		}
	})
}
