package hook

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Whatever a request's headers say, nobody without the secret gets in, and nothing panics.
func FuzzVerify(f *testing.F) {
	const now = 1614265330
	f.Add("msg_1", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "Bearer x", []byte("{}"))
	f.Add("", "-1", ", ,, v1", "sha256=", "Bearer ", []byte(nil))
	f.Fuzz(func(t *testing.T, id, timestamp, signatures, hmac, bearer string, raw []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {timestamp}, "Webhook-Signature": {signatures}, "X-Signature": {hmac}, "Authorization": {bearer}}
		for _, by := range []automation.VerifyType{automation.StandardWebhooks, automation.HMACSHA256, automation.Bearer} {
			for _, secret := range []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", "a secret that no input of this test has"} {
				if err := prove(by, secret, h, raw, time.Unix(now, 0)); !fault.Is(err, fault.Unauthorized) {
					t.Fatalf("%s: got %v, want Unauthorized", by, err)
				}
			}
		}
	})
}

// A form is read as net/url reads it, where net/url accepts it.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{"a=1&b=x+y&b=%C3%A9", "a=100%&b;c=&&=d", "%", "a[]=1&a[]=2", "=", "+%20=+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := parseForm(raw)
		want, err := url.ParseQuery(raw)
		if err != nil || !utf8.ValidString(raw) {
			return
		}
		for name, values := range want {
			for i := range values {
				values[i] = strings.ToValidUTF8(values[i], replacement)
			}
			name = strings.ToValidUTF8(name, replacement)
			if strings.Contains(name, replacement) {
				return // two names may have become one
			}
			var text any = values
			if len(values) == 1 {
				text = values[0]
			}
			if !reflect.DeepEqual(got[name], text) {
				t.Errorf("%q: got %q for %q, want %q", raw, got[name], name, text)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%q: got %d fields, want %d", raw, len(got), len(want))
		}
	})
}

// What a run keeps is JSON of a bounded length, whatever the request is.
func FuzzRead(f *testing.F) {
	for _, seed := range [][2]string{{"application/json", `{"a":[1]}`}, {"application/x-www-form-urlencoded", "a=%ff&a"}, {"text/plain; charset=\"", "\x00\xff"}, {"", "\ufeff{}"}} {
		f.Add(seed[0], "X-A", "b", []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, contentType, name, value string, raw []byte) {
		out, err := Read(http.Header{"Content-Type": {contentType}, name: {value}}, raw)
		if err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
				t.Fatalf("got %v, want an error of the body", err)
			}
			return
		}
		var got map[string]any
		if err := json.Unmarshal(out, &got); err != nil || len(got) != 3 || !utf8.Valid(out) || len(out) > maxTrigger {
			t.Fatalf("got %d bytes, %v: %.200q", len(out), err, out)
		}
	})
}
