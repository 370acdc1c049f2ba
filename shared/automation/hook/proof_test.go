package hook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

// headers makes a header of names and values.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// prove verifies a request with a secret.
func prove(by automation.VerifyType, secret string, h http.Header, raw []byte, now time.Time) error {
	p, err := readProof(by, h, now)
	if err != nil {
		return err
	}
	return p.check(secret, raw)
}

// The vectors are those of others: of the tests of the Standard Webhooks libraries, of GitHub's page
// "Validating webhook deliveries", and of RFC 4231 (test cases 2 and 3).
func TestVerify_Vectors(t *testing.T) {
	const (
		standardSecret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		standardSign   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	standard := headers("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330", "webhook-signature", standardSign)
	for name, c := range map[string]struct {
		by     automation.VerifyType
		secret string
		header http.Header
		raw    string
	}{
		"Standard Webhooks":               {automation.StandardWebhooks, "whsec_" + standardSecret, standard, `{"test": 2432232314}`},
		"Standard Webhooks, no prefix":    {automation.StandardWebhooks, standardSecret, standard, `{"test": 2432232314}`},
		"GitHub":                          {automation.HMACSHA256, "It's a Secret to Everybody", headers("X-Signature", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"), "Hello, World!"},
		"RFC 4231, test case 2":           {automation.HMACSHA256, "Jefe", headers("X-Signature", "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"), "what do ya want for nothing?"},
		"RFC 4231, capital digits":        {automation.HMACSHA256, "Jefe", headers("X-Signature", "sha256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"), "what do ya want for nothing?"},
		"RFC 4231, test case 3":           {automation.HMACSHA256, strings.Repeat("\xaa", 20), headers("X-Signature", "sha256=773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"), strings.Repeat("\xdd", 50)},
		"RFC 6750, the example of Bearer": {automation.Bearer, "mF_9.B5f-4.1JqM", headers("Authorization", "Bearer mF_9.B5f-4.1JqM"), "anything"},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1614265330, 0)
			if err := prove(c.by, c.secret, c.header, []byte(c.raw), now); err != nil {
				t.Errorf("got %v, want no error", err)
			}
			for what, err := range map[string]error{
				"another secret": prove(c.by, c.secret+"x", c.header, []byte(c.raw), now),
				"no secret":      prove(c.by, "", c.header, []byte(c.raw), now),
				"no headers":     prove(c.by, c.secret, http.Header{}, []byte(c.raw), now),
			} {
				if !fault.Is(err, fault.Unauthorized) {
					t.Errorf("%s: got %v, want Unauthorized", what, err)
				}
			}
			err := prove(c.by, c.secret, c.header, []byte(c.raw+" "), now)
			if want := c.by != automation.Bearer; fault.Is(err, fault.Unauthorized) != want {
				t.Errorf("another body: got %v, want Unauthorized: %t", err, want)
			}
		})
	}
}

// signed returns the headers of a request as the library of Standard Webhooks signs it.
func signed(t *testing.T, secret, id string, at time.Time, raw string) http.Header {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := w.Sign(id, at, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return headers("webhook-id", id, "webhook-timestamp", strconv.FormatInt(at.Unix(), 10), "webhook-signature", signature)
}

func TestVerify_StandardWebhooks(t *testing.T) {
	const body = `{"order":4711}`
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef01234567"))
	valid := func(at time.Time) http.Header { return signed(t, secret, "msg_1", at, body) }
	with := func(h http.Header, name, value string) http.Header {
		h.Set(name, value)
		return h
	}
	sign := valid(now).Get("webhook-signature")
	for name, c := range map[string]struct {
		header http.Header
		want   error
	}{
		"now":                      {valid(now), nil},
		"five minutes ago":         {valid(now.Add(-Tolerance)), nil},
		"in five minutes":          {valid(now.Add(Tolerance)), nil},
		"longer ago":               {valid(now.Add(-Tolerance - time.Second)), errTolerance},
		"later":                    {valid(now.Add(Tolerance + time.Second)), errTolerance},
		"one of several":           {with(valid(now), "webhook-signature", "v1,AAAA v1a,BBBB "+sign+" v2,x"), nil},
		"in a repeated header":     {headers("webhook-id", "msg_1", "webhook-timestamp", fmt.Sprint(now.Unix()), "webhook-signature", "v1,AAAA", "webhook-signature", sign), nil},
		"another version":          {with(valid(now), "webhook-signature", strings.Replace(sign, "v1,", "v2,", 1)), errSignature},
		"no version":               {with(valid(now), "webhook-signature", strings.TrimPrefix(sign, "v1,")), errSignature},
		"an empty signature":       {with(valid(now), "webhook-signature", "v1,"), errSignature},
		"part of a signature":      {with(valid(now), "webhook-signature", sign[:20]), errSignature},
		"another id":               {with(valid(now), "webhook-id", "msg_2"), errSignature},
		"another time":             {with(valid(now), "webhook-timestamp", fmt.Sprint(now.Unix()+1)), errSignature},
		"no id":                    {with(valid(now), "webhook-id", ""), errNoSignature},
		"two ids":                  {headers("webhook-id", "msg_1", "webhook-id", "msg_2", "webhook-timestamp", "1", "webhook-signature", sign), errNoSignature},
		"no time":                  {with(valid(now), "webhook-timestamp", " "), errNoSignature},
		"no signature":             {with(valid(now), "webhook-signature", ""), errNoSignature},
		"a time that is none":      {with(valid(now), "webhook-timestamp", "2026-03-01T12:00:00Z"), errTimestamp},
		"a time with a fraction":   {with(valid(now), "webhook-timestamp", fmt.Sprint(now.Unix())+".0"), errTimestamp},
		"a time in milliseconds":   {with(valid(now), "webhook-timestamp", fmt.Sprint(now.UnixMilli())), errTolerance},
		"the largest number":       {with(valid(now), "webhook-timestamp", "9223372036854775807"), errTolerance},
		"the smallest number":      {with(valid(now), "webhook-timestamp", "-9223372036854775808"), errTolerance},
		"a number that is too big": {with(valid(now), "webhook-timestamp", "9223372036854775808"), errTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			if got := prove(automation.StandardWebhooks, secret, c.header, []byte(body), now); !errors.Is(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A secret without whsec_ may be base64, as the libraries read it, or the key itself. One with
// whsec_ that is not base64 is the key itself, too.
func TestVerify_PlainSecrets(t *testing.T) {
	now, body := time.Unix(1_796_000_000, 0), "{}"
	for name, c := range map[string]struct {
		secret string
		key    []byte
	}{
		"text":                {"correct horse battery", []byte("correct horse battery")},
		"base64, read":        {"MDEyMzQ1Njc4OWFiY2RlZg==", []byte("0123456789abcdef")},
		"base64, as it is":    {"MDEyMzQ1Njc4OWFiY2RlZg==", []byte("MDEyMzQ1Njc4OWFiY2RlZg==")},
		"marked, not base64":  {"whsec_correct-horse", []byte("whsec_correct-horse")},
		"marked, and nothing": {"whsec_", []byte("whsec_")},
	} {
		t.Run(name, func(t *testing.T) {
			h := signed(t, base64.StdEncoding.EncodeToString(c.key), "msg_1", now, body)
			if err := prove(automation.StandardWebhooks, c.secret, h, []byte(body), now); err != nil {
				t.Errorf("got %v, want no error", err)
			}
		})
	}
	h := signed(t, base64.StdEncoding.EncodeToString([]byte("MDEyMzQ1Njc4OWFiY2RlZg==")), "msg_1", now, body)
	if err := prove(automation.StandardWebhooks, "whsec_MDEyMzQ1Njc4OWFiY2RlZg==", h, []byte(body), now); !errors.Is(err, errSignature) {
		t.Errorf("a marked secret as it is: got %v, want %v", err, errSignature)
	}
}

func TestVerify_Malformed(t *testing.T) {
	const sign = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	for name, c := range map[string]struct {
		by     automation.VerifyType
		header http.Header
		want   error
	}{
		"no prefix":          {automation.HMACSHA256, headers("X-Signature", sign), errNoXSignature},
		"another algorithm":  {automation.HMACSHA256, headers("X-Signature", "sha1="+sign), errNoXSignature},
		"too short":          {automation.HMACSHA256, headers("X-Signature", "sha256="+sign[2:]), errNoXSignature},
		"too long":           {automation.HMACSHA256, headers("X-Signature", "sha256=00"+sign), errNoXSignature},
		"no hex":             {automation.HMACSHA256, headers("X-Signature", "sha256="+sign[:62]+"zz"), errNoXSignature},
		"empty":              {automation.HMACSHA256, headers("X-Signature", "sha256="), errNoXSignature},
		"twice":              {automation.HMACSHA256, headers("X-Signature", "sha256="+sign, "X-Signature", "sha256="+sign), errNoXSignature},
		"another header":     {automation.HMACSHA256, headers("X-Hub-Signature-256", "sha256="+sign), errNoXSignature},
		"another signature":  {automation.HMACSHA256, headers("X-Signature", "sha256="+strings.Repeat("0", 64)), errXSignature},
		"no scheme":          {automation.Bearer, headers("Authorization", "It's a Secret to Everybody"), errNoBearer},
		"only the scheme":    {automation.Bearer, headers("Authorization", "Bearer "), errNoBearer},
		"another scheme":     {automation.Bearer, headers("Authorization", "Basic SXQncw=="), errNoBearer},
		"a longer secret":    {automation.Bearer, headers("Authorization", "Bearer It's a Secret to Everybody!"), errBearer},
		"a part of a secret": {automation.Bearer, headers("Authorization", "Bearer It's a Secret to Everybod"), errBearer},
		"small letters":      {automation.Bearer, headers("Authorization", "bearer  It's a Secret to Everybody"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := prove(c.by, "It's a Secret to Everybody", c.header, []byte("Hello, World!"), time.Now()); !errors.Is(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if err := prove("", "secret", headers("Authorization", "Bearer secret"), nil, time.Now()); !fault.Is(err, fault.Internal) {
		t.Errorf("an unknown way to verify: got %v, want an internal error", err)
	}
}

// A captured request cannot be sent later as another one: the id, the time and the body stay where
// they were when they were signed.
func TestVerify_ShiftedParts(t *testing.T) {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef01234567"))
	sent, later := time.Unix(1614265330, 0), time.Unix(1714265330, 0)
	h := signed(t, secret, "msg_2", sent, "1714265330.forged")
	if err := prove(automation.StandardWebhooks, secret, h, []byte("1714265330.forged"), sent); err != nil {
		t.Fatal(err)
	}
	h.Set("webhook-id", "msg_2.1614265330")
	h.Set("webhook-timestamp", "1714265330")
	if err := prove(automation.StandardWebhooks, secret, h, []byte("forged"), later); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("got %v, want Unauthorized", err)
	}
}
