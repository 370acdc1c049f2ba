package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel/mail"
)

const (
	sendGridSignature = "X-Twilio-Email-Event-Webhook-Signature"
	sendGridTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

func publicKey(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestVerifySendGrid(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ngr\xfc\xdfe\r\n--x--\r\n") // Latin-1
	sum := sha256.Sum256(append([]byte("1764504000"), body...))
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := base64.StdEncoding.EncodeToString(der)
	h := http.Header{sendGridSignature: {signature}, sendGridTimestamp: {"1764504000"}}
	public := publicKey(t, &key.PublicKey)
	spki, _ := base64.StdEncoding.DecodeString(public)
	for name, text := range map[string]string{
		"base64":          public,
		"PEM":             string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"PEM in one line": "-----BEGIN PUBLIC KEY-----" + public + "-----END PUBLIC KEY-----",
	} {
		if got := mail.VerifySendGrid(text, h, body); got != nil {
			t.Errorf("%s: got %v, want no error", name, got)
		}
	}
	for i := range body {
		altered := []byte(string(body))
		altered[i] ^= 1
		if got := mail.VerifySendGrid(public, h, altered); !errors.Is(got, mail.ErrSignature) {
			t.Errorf("byte %d of the body: got %v, want ErrSignature", i, got)
		}
	}
	for i := range len(signature) {
		altered := []byte(signature)
		altered[i] ^= 1
		if got := mail.VerifySendGrid(public, http.Header{sendGridSignature: {string(altered)}, sendGridTimestamp: {"1764504000"}}, body); !errors.Is(got, mail.ErrSignature) {
			t.Errorf("byte %d of the signature: got %v, want ErrSignature", i, got)
		}
	}
	for name, c := range map[string]struct {
		key  string
		h    http.Header
		want error
	}{
		"no signature":      {public, http.Header{sendGridTimestamp: {"1764504000"}}, mail.ErrUnsigned},
		"no timestamp":      {public, http.Header{sendGridSignature: {signature}}, mail.ErrUnsigned},
		"another timestamp": {public, http.Header{sendGridSignature: {signature}, sendGridTimestamp: {"1764504001"}}, mail.ErrSignature},
		"two signatures":    {public, http.Header{sendGridSignature: {signature, signature}, sendGridTimestamp: {"1764504000"}}, mail.ErrSignature},
		"two timestamps":    {public, http.Header{sendGridSignature: {signature}, sendGridTimestamp: {"1764504000", "1"}}, mail.ErrSignature},
		"no base64":         {public, http.Header{sendGridSignature: {"!"}, sendGridTimestamp: {"1764504000"}}, mail.ErrSignature},
		"no key":            {"", h, mail.ErrSignature},
		"a broken key":      {"AAAA", h, mail.ErrSignature},
		"an RSA key":        {publicKey(t, &rsaKey.PublicKey), h, mail.ErrSignature},
	} {
		if got := mail.VerifySendGrid(c.key, c.h, body); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// The key and the signature are those of SendGrid's own libraries' tests.
func TestVerifySendGrid_Vector(t *testing.T) {
	const (
		key       = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
		signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
		timestamp = "1600112502"
		body      = `[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]` + "\r\n"
	)
	h := http.Header{sendGridSignature: {signature}, sendGridTimestamp: {timestamp}}
	if got := mail.VerifySendGrid(key, h, []byte(body)); got != nil {
		t.Errorf("got %v, want no error", got)
	}
	if got := mail.VerifySendGrid(key, h, []byte(strings.TrimSpace(body))); !errors.Is(got, mail.ErrSignature) {
		t.Errorf("got %v for a shorter body, want ErrSignature", got)
	}
}

var at = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

const token = "ce28bfc0cb2a9d1d0c5ad8a36bb3c5b0ab3f5b0c4d5e6f7081"

// signed returns Mailgun's fields, signed with the key "key".
func signed(at time.Time) url.Values {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(timestamp + token))
	return url.Values{"timestamp": {timestamp}, "token": {token}, "signature": {hex.EncodeToString(mac.Sum(nil))}}
}

func mailgunForm(t *testing.T, values url.Values) mail.Form {
	t.Helper()
	f, err := mail.ReadForm("application/x-www-form-urlencoded", []byte(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestVerifyMailgun(t *testing.T) {
	for name, c := range map[string]struct {
		key  string
		edit func(url.Values)
		now  time.Time
		want error
	}{
		"at once":            {"key", func(url.Values) {}, at, nil},
		"after eight hours":  {"key", func(url.Values) {}, at.Add(8 * time.Hour), nil},
		"after ten hours":    {"key", func(url.Values) {}, at.Add(10 * time.Hour), mail.ErrStale},
		"a slow clock":       {"key", func(url.Values) {}, at.Add(-4 * time.Minute), nil},
		"from the future":    {"key", func(url.Values) {}, at.Add(-time.Hour), mail.ErrStale},
		"another key":        {"other", func(url.Values) {}, at, mail.ErrSignature},
		"no key":             {"", func(url.Values) {}, at, mail.ErrSignature},
		"no signature":       {"key", func(v url.Values) { v.Del("signature") }, at, mail.ErrUnsigned},
		"no token":           {"key", func(v url.Values) { v.Del("token") }, at, mail.ErrUnsigned},
		"no timestamp":       {"key", func(v url.Values) { v.Del("timestamp") }, at, mail.ErrUnsigned},
		"another token":      {"key", func(v url.Values) { v.Set("token", token[1:]+"0") }, at, mail.ErrSignature},
		"no hexadecimal":     {"key", func(v url.Values) { v.Set("signature", "x") }, at, mail.ErrSignature},
		"a moved boundary":   {"key", func(v url.Values) { v.Set("timestamp", v.Get("timestamp")+token[:1]); v.Set("token", token[1:]) }, at, mail.ErrStale},
		"doubled, last good": {"key", func(v url.Values) { v["signature"] = append([]string{"00"}, v["signature"]...) }, at, nil},
		"doubled, last bad":  {"key", func(v url.Values) { v.Add("token", "x") }, at, mail.ErrSignature},
	} {
		values := signed(at)
		c.edit(values)
		got, err := mail.VerifyMailgun(c.key, mailgunForm(t, values), c.now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if want := map[bool]string{true: token}[c.want == nil]; got != want {
			t.Errorf("%s: got token %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"timestamp", "token", "signature"} {
		for i := range len(signed(at).Get(name)) {
			values := signed(at)
			b := []byte(values.Get(name))
			b[i] ^= 1
			values.Set(name, string(b))
			if _, err := mail.VerifyMailgun("key", mailgunForm(t, values), at); err == nil {
				t.Errorf("got byte %d of %s altered and accepted, want it refused", i, name)
			}
		}
	}
}

func TestVerifyPostmark(t *testing.T) {
	basic := func(text string) http.Header {
		return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(text))}}
	}
	for name, c := range map[string]struct {
		username, password string
		h                  http.Header
		want               error
	}{
		"right":            {"ada", "pass:word", basic("ada:pass:word"), nil},
		"no header":        {"ada", "pass", http.Header{}, mail.ErrUnsigned},
		"another password": {"ada", "pass", basic("ada:pasS"), mail.ErrSignature},
		"another name":     {"ada", "pass", basic("adA:pass"), mail.ErrSignature},
		"a prefix":         {"ada", "pass", basic("ada:pas"), mail.ErrSignature},
		"no password":      {"ada", "", basic("ada:"), mail.ErrSignature},
		"no name":          {"", "pass", basic(":pass"), mail.ErrSignature},
		"a token":          {"ada", "pass", http.Header{"Authorization": {"Bearer x"}}, mail.ErrSignature},
		"no base64":        {"ada", "pass", http.Header{"Authorization": {"Basic !"}}, mail.ErrSignature},
	} {
		if got := mail.VerifyPostmark(c.username, c.password, c.h); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
