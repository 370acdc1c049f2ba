package meta_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
)

var secrets = connection.Secrets{"app_secret": "5ca1ab1e", "verify_token": "v3r1fy"}

// sign returns the signature of the test's body.
func sign(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// The body has an escape and a byte that is no UTF-8: the bytes are signed as they are.
const signed = "{\"text\":\"gr\\u00fc\xc3\xbc\xff\\/\"}\r\n"

func TestVerifySignature(t *testing.T) {
	good := sign(secrets["app_secret"])
	for name, c := range map[string]struct {
		values  []string
		secrets connection.Secrets
		want    error
	}{
		"right":               {[]string{good}, secrets, nil},
		"absent":              {nil, secrets, meta.ErrUnsigned},
		"empty":               {[]string{""}, secrets, meta.ErrWrongSignature},
		"doubled":             {[]string{good, good}, secrets, meta.ErrWrongSignature},
		"joined":              {[]string{good + "," + good}, secrets, meta.ErrWrongSignature},
		"without prefix":      {[]string{good[7:]}, secrets, meta.ErrWrongSignature},
		"of SHA-1":            {[]string{"sha1=" + good[7:]}, secrets, meta.ErrWrongSignature},
		"in capitals":         {[]string{"sha256=" + strings.ToUpper(good[7:])}, secrets, meta.ErrWrongSignature},
		"prefix in capitals":  {[]string{"SHA256=" + good[7:]}, secrets, meta.ErrWrongSignature},
		"blank before":        {[]string{" " + good}, secrets, meta.ErrWrongSignature},
		"shortened":           {[]string{good[:70]}, secrets, meta.ErrWrongSignature},
		"longer":              {[]string{good + "0"}, secrets, meta.ErrWrongSignature},
		"of another secret":   {[]string{sign("other")}, secrets, meta.ErrWrongSignature},
		"of an empty secret":  {[]string{sign("")}, connection.Secrets{"app_secret": ""}, meta.ErrNoAppSecret},
		"without any secrets": {[]string{sign("")}, nil, meta.ErrNoAppSecret},
	} {
		header := http.Header{"X-Hub-Signature-256": c.values}
		if c.values == nil {
			header = http.Header{"X-Hub-Signature": {good}}
		}
		if got := meta.VerifySignature(c.secrets, header, []byte(signed)); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// A request with any bit altered, in its body or its signature, is refused.
func TestVerifySignature_AlteredBit(t *testing.T) {
	good := sign(secrets["app_secret"])
	for bit := range 8 * len(signed) {
		body := []byte(signed)
		body[bit/8] ^= 1 << (bit % 8)
		if err := meta.VerifySignature(secrets, http.Header{"X-Hub-Signature-256": {good}}, body); err == nil {
			t.Errorf("got a body with bit %d altered accepted, want it refused", bit)
		}
	}
	for bit := range 8 * len(good) {
		signature := []byte(good)
		signature[bit/8] ^= 1 << (bit % 8)
		if err := meta.VerifySignature(secrets, http.Header{"X-Hub-Signature-256": {string(signature)}}, []byte(signed)); err == nil {
			t.Errorf("got a signature with bit %d altered accepted, want it refused", bit)
		}
	}
}

func TestHandshake(t *testing.T) {
	for query, want := range map[string]string{
		"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v3r1fy": "1158201444",
		"hub.verify_token=v3r1fy&hub.challenge=1158201444&hub.mode=subscribe": "1158201444",
		"hub.mode=subscribe&hub.challenge=aZ_-9&hub.verify_token=v3r1fy":      "aZ_-9",
		"hub%2Emode=subscribe&hub%2Echallenge=7&hub%2Everify_token=%763r1fy":  "7",
		"utm=1&hub.mode=subscribe&hub.challenge=7&hub.verify_token=v3r1fy":    "7",
		"": "",
		"hub.mode=unsubscribe&hub.challenge=7&hub.verify_token=v3r1fy":                         "",
		"hub.mode=Subscribe&hub.challenge=7&hub.verify_token=v3r1fy":                           "",
		"hub.challenge=7&hub.verify_token=v3r1fy":                                              "",
		"hub.mode=subscribe&hub.challenge=7":                                                   "",
		"hub.mode=subscribe&hub.challenge=7&hub.verify_token=":                                 "",
		"hub.mode=subscribe&hub.challenge=7&hub.verify_token=v3r1f":                            "",
		"hub.mode=subscribe&hub.challenge=7&hub.verify_token=V3R1FY":                           "",
		"hub.mode=subscribe&hub.challenge=7&hub.verify_token=v3r1fy&hub.verify_token":          "",
		"hub.mode=subscribe&hub.verify_token=v3r1fy":                                           "",
		"hub.mode=subscribe&hub.challenge=&hub.verify_token=v3r1fy":                            "",
		"hub.mode=subscribe&hub.challenge=7&hub.challenge=8&hub.verify_token=v3r1fy":           "",
		"hub.mode=subscribe&hub.challenge=%3Cb%3E&hub.verify_token=v3r1fy":                     "",
		"hub.mode=subscribe&hub.challenge=7%0D%0AX&hub.verify_token=v3r1fy":                    "",
		"hub_mode=subscribe&hub_challenge=7&hub_verify_token=v3r1fy":                           "",
		"hub.mode=subscribe;hub.challenge=7;hub.verify_token=v3r1fy":                           "",
		"hub.mode=subscribe&hub.challenge=%zz&hub.verify_token=v3r1fy":                         "",
		"hub.mode=subscribe&hub.verify_token=v3r1fy&hub.challenge=" + strings.Repeat("1", 128): strings.Repeat("1", 128),
		"hub.mode=subscribe&hub.verify_token=v3r1fy&hub.challenge=" + strings.Repeat("1", 129): "",
	} {
		got, err := meta.Handshake(secrets, query)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", query, got, err, want)
		}
	}
	for _, none := range []connection.Secrets{nil, {"verify_token": ""}} {
		if got, err := meta.Handshake(none, "hub.mode=subscribe&hub.challenge=7&hub.verify_token="); err == nil {
			t.Errorf("without a verify token: got %q, want an error", got)
		}
	}
}

// An accepted challenge is a plain word of the query, beside the right token.
func FuzzHandshake(f *testing.F) {
	for _, seed := range []string{"hub.mode=subscribe&hub.challenge=7&hub.verify_token=v3r1fy", "hub.mode=subscribe&hub.challenge=%00&hub.verify_token=v3r1fy", "", "%", "a;b", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got, err := meta.Handshake(secrets, query)
		if err != nil {
			if got != "" {
				t.Errorf("%q: got %q beside an error", query, got)
			}
			return
		}
		values, _ := url.ParseQuery(query)
		if got != values.Get("hub.challenge") || got == "" || len(got) > 128 || strings.Trim(got, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "" || values.Get("hub.verify_token") != "v3r1fy" {
			t.Errorf("%q: got %q, want a refusal", query, got)
		}
	})
}
