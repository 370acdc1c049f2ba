package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// No header crashes the parser of credentials. A credential is a part of a header without surrounding blanks.
func FuzzCredential(f *testing.F) {
	f.Add("Bearer k", "", "")
	f.Add("", " af_session=k ", "")
	f.Add("af_session= 0", "", "")
	f.Add("", "", `a=b; af_session="c d"; af_session=e`)
	f.Add("Bearer", "\xff", "af_session=af_session=;=;;")
	f.Fuzz(func(t *testing.T, authorization, apiKey, cookie string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Api-Key", apiKey)
		r.Header.Set("Cookie", cookie)
		tried := 0
		byCookie, err := Identify(r, func(credential string) error {
			tried++
			if credential == "" || credential != strings.TrimSpace(credential) {
				t.Errorf("got credential %q, want one without blanks around it", credential)
			}
			if !strings.Contains(authorization, credential) && !strings.Contains(apiKey, credential) && !strings.Contains(cookie, credential) {
				t.Errorf("got credential %q, want a part of a header", credential)
			}
			return identity.ErrUnauthorized
		})
		if err == nil || byCookie || tried > 4 || (tried == 0) != errors.Is(err, identity.ErrNoCredential) {
			t.Errorf("got %d tries, by cookie %t, %v; want at most 4 and an error, ErrNoCredential after none", tried, byCookie, err)
		}
	})
}

// A repeated request has the same key. Another path, method, org or client's key gives another key, and another
// body is detected.
func FuzzKey(f *testing.F) {
	f.Add("k", "POST", "/a", "{}")
	f.Add("é\xff\n", "DELETE", "/a/%20b", "")
	f.Add("", "0", "0", "")
	f.Add(strings.Repeat("k", 256), "", "/", "x")
	f.Fuzz(func(t *testing.T, clientKey, method, path, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Method, r.URL.Path, r.URL.RawPath = method, "/"+path, ""
		r.Header.Set("Idempotency-Key", clientKey)
		k, err := Key(r, "org", []byte(body))
		switch {
		case clientKey == "" && err == nil:
			t.Errorf("got %v for an empty key, want an error", k)
			return
		case err != nil:
			if e := fault.From(err); e.Code != fault.Invalid || e.Field != "Idempotency-Key" {
				t.Errorf("got %v, field %q; want Invalid of Idempotency-Key", err, e.Field)
			}
			return
		}
		again, err := Key(r, "org", []byte(body))
		if err != nil || *again != *k {
			t.Errorf("got %v again, %v; want %v", again, err, k)
		}
		if other, err := Key(r, "org", []byte(body+"x")); err != nil || other.ID != k.ID || other.Body == k.Body {
			t.Errorf("got %v with another body, %v, %v; want the same ID and another Body", other, k, err)
		}
		r.URL.Path += "x"
		if other, err := Key(r, "org", []byte(body)); err != nil || other.ID == k.ID || other.Body != k.Body {
			t.Errorf("got %v on another path, %v, %v; want another ID and the same Body", other, k, err)
		}
	})
}
