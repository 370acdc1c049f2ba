package wire

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// identified is the result of Identify.
type identified struct {
	Tried    []string
	ByCookie bool
	Refused  string // what the log says
}

func TestIdentify(t *testing.T) {
	key := func(prefix string) string {
		t.Helper()
		k, err := identity.NewSecret(prefix, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k, other, operator := key("fj"), key("af"), key("op")
	const live, stale, ended = "live.p.s", "stale.p.s", "ended.p.s"
	const refused = "unauthorized: Invalid or expired API key: refused: "
	one := func(value string) identified { return identified{Tried: []string{value}} }
	page := func(values ...string) identified { return identified{Tried: values, ByCookie: true} }
	none := identified{Refused: "unauthorized: Invalid or expired API key"}
	for headers, want := range map[string]identified{
		"Authorization: Bearer K":            one(k),
		"Authorization: bearer K":            one(k),
		"Authorization: Bearer  K ":          one(k),
		"Authorization: K":                   one(k),
		"Authorization:  K ":                 one(k),
		"Authorization: Bearer af_session=L": one(live),
		"Authorization: af_session=L":        one(live),
		"X-Api-Key: K":                       one(k),
		"X-Api-Key: O":                       one(operator),
		"X-Api-Key: af_session=L":            one(live),
		"Cookie: af_session=L":               page(live),
		"Cookie: a=b; af_session=L; d=e":     page(live),
		"Cookie: af_session=af_session=L":    page(live),
		"Cookie: a=b|Cookie: af_session=L":   page(live),

		// The first credential with a valid form counts.
		"X-Api-Key: K|Authorization: Bearer A":         one(k),
		"Authorization: Bearer A|X-Api-Key: K":         one(k),
		"Authorization: Bearer A|Cookie: af_session=L": one(other),
		"Authorization: Bearer undefined|X-Api-Key: K": one(k),
		"Authorization: undefined|X-Api-Key: K":        one(k),
		"Authorization: Basic dTpw|X-Api-Key: K":       one(k),
		"Authorization: Bearer |X-Api-Key: K":          one(k),
		"Authorization: Bearer A|X-Api-Key: undefined": one(other),
		"X-Api-Key: null|Cookie: af_session=L":         page(live),
		"Authorization: Bearer x|Cookie: af_session=L": page(live),
		"Authorization: Basic dTpw|Cookie: a=b":        none,
		"X-Api-Key: |Authorization: Bearer K":          one(k),
		"X-Api-Key: x|X-Api-Key: K":                    one(k),
		"Authorization: Basic x|Authorization: K":      one(k),

		// The first live cookie counts.
		"Cookie: af_session=S; af_session=L":                          page(stale, live),
		"Cookie: af_session=; af_session=x; af_session=L":             page(live),
		"Cookie: af_session=S|Cookie: af_session=E":                   {Tried: []string{stale, ended}, Refused: refused + "the session cookie"},
		"Cookie: " + strings.Repeat("af_session=S; ", 5) + "a=b":      {Tried: []string{stale, stale, stale, stale}, Refused: refused + "the session cookie"},
		"Authorization: Bearer S|Cookie: af_session=L":                {Tried: []string{stale}, Refused: refused + "Authorization"},
		"X-Api-Key: Z|Authorization: Bearer K":                        {Tried: []string{"Z"}, Refused: refused + "x-api-key"},
		"Authorization: Bearer undefined":                             {Tried: []string{"undefined"}, Refused: refused + "Authorization"},
		"X-Api-Key: null|Authorization: Bearer undefined|Cookie: a=b": {Tried: []string{"null"}, Refused: refused + "x-api-key"},

		"Authorization: Basic dTpw": none,
		"Authorization: Bearer":     none,
		"Authorization:":            none,
		"Cookie: af_session=":       none,
		"Cookie: AF_SESSION=L":      none,
		"Other: K":                  none,
	} {
		revoked := key("fg")
		values := map[string]string{"K": k, "A": other, "O": operator, "L": live, "S": stale, "E": ended, "Z": revoked}
		r := httptest.NewRequest("GET", "/", nil)
		for header := range strings.SplitSeq(headers, "|") {
			name, value, _ := strings.Cut(header, ":")
			for short, long := range values {
				for _, before := range []string{" ", "="} {
					value = strings.ReplaceAll(value+" ", before+short+" ", before+long+" ")
					value = strings.TrimSuffix(strings.ReplaceAll(value, before+short+";", before+long+";"), " ")
				}
			}
			r.Header.Add(name, strings.TrimPrefix(value, " "))
		}
		var got identified
		byCookie, err := Identify(r, func(credential string) error {
			got.Tried = append(got.Tried, strings.ReplaceAll(credential, revoked, "Z"))
			if credential == k || credential == other || credential == operator || credential == live {
				return nil
			}
			return identity.ErrUnauthorized
		})
		got.ByCookie = byCookie
		if err != nil {
			got.Refused = err.Error()
			if isNone := got.Tried == nil; errors.Is(err, identity.ErrNoCredential) != isNone || errors.Is(err, identity.ErrUnauthorized) == isNone {
				t.Errorf("%q: got %v, want ErrNoCredential: %t, else ErrUnauthorized", headers, err, isNone)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", headers, d)
		}
	}
}

// If the check of a credential fails, no other credential is tried.
func TestIdentify_CheckFails(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "af_session=a.b.c; af_session=d.e.f")
	tried := 0
	_, err := Identify(r, func(string) error { tried++; return errors.New("out of reach") })
	if tried != 1 || !fault.Is(err, fault.Internal) {
		t.Errorf("got %d tries and %v, want 1 and Internal", tried, err)
	}
}
