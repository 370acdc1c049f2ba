package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// stand knows one credential, and one org's origins.
type stand struct {
	origins []string
	failing bool
	reads   int // of the origins
}

func (s *stand) Authenticate(_ context.Context, credential string) (account.Caller, error) {
	if credential != "good" {
		return account.Caller{}, account.ErrUnauthorized
	}
	return account.Caller{OrgID: "o", KeyID: "k"}, nil
}

func (s *stand) Origins(context.Context, string) ([]string, error) {
	s.reads++
	if s.failing {
		return nil, errors.New("out of reach")
	}
	return s.origins, nil
}

// serve runs a handler that only a known caller reaches.
func (s *stand) serve(r *http.Request) (*httptest.ResponseRecorder, error) {
	var failure error
	w := httptest.NewRecorder()
	CORS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failure = Authorized(s, func(http.ResponseWriter, *http.Request, account.Caller) error { return nil })(w, r)
	})).ServeHTTP(w, r)
	return w, failure
}

// A surface may tell no credential from a bad one, but need not.
func TestNoCredential(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	_, none := new(stand).serve(r)
	r.Header.Set("Authorization", "Bearer bad")
	_, bad := new(stand).serve(r)
	if !errors.Is(none, account.ErrNoCredential) || errors.Is(none, account.ErrUnauthorized) || !errors.Is(bad, account.ErrUnauthorized) {
		t.Errorf("none: %v, bad: %v", none, bad)
	}
	if fault.From(none).Message != fault.From(bad).Message {
		t.Errorf("%q is not %q", none, bad)
	}
}

func TestCORS(t *testing.T) {
	const shop, other = "https://shop.example", "https://other.example"
	for name, c := range map[string]struct {
		origins []string
		origin  string
		key     string
		allowed string
		varies  bool
		reads   int
	}{
		"nothing set":        {nil, shop, "good", "*", false, 1},
		"any":                {[]string{"*"}, shop, "good", "*", false, 1},
		"any among others":   {[]string{other, "*"}, shop, "good", "*", false, 1},
		"listed":             {[]string{other, shop}, shop, "good", shop, true, 1},
		"not listed":         {[]string{other}, shop, "good", "", true, 1},
		"a longer one":       {[]string{shop}, shop + ".evil", "good", "", true, 1},
		"null":               {[]string{shop}, "null", "good", "", true, 1},
		"no page":            {[]string{shop}, "", "good", "*", false, 0},
		"caller not known":   {[]string{other}, shop, "bad", "*", false, 0},
		"without credential": {[]string{other}, shop, "", "*", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stand{origins: c.origins}
			r := httptest.NewRequest("POST", "/", nil)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			r.Header.Set("X-Api-Key", c.key)
			w, _ := s.serve(r)
			h := w.Header()
			if got := h.Get("Access-Control-Allow-Origin"); got != c.allowed || (h.Get("Vary") == "Origin") != c.varies || s.reads != c.reads {
				t.Errorf("allowed %q, varies by %q, %d reads", got, h.Get("Vary"), s.reads)
			}
			if got := h.Get("Access-Control-Expose-Headers"); got != "X-Request-Id, Retry-After, Idempotency-Replayed, x-flow-balance, x-flow-precharge" {
				t.Errorf("exposed: %s", got)
			}
		})
	}
}

// A route that is not for pages says nothing about them and reads nothing.
func TestWithoutCORS(t *testing.T) {
	s, w, r := &stand{}, httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Origin", "https://shop.example")
	r.Header.Set("X-Api-Key", "good")
	err := Authorized(s, func(http.ResponseWriter, *http.Request, account.Caller) error { return nil })(w, r)
	if err != nil || s.reads != 0 || len(w.Header()) != 0 {
		t.Errorf("%v, %d reads, %v", err, s.reads, w.Header())
	}
}

func TestForgery(t *testing.T) {
	const own, shop = "https://api.example", "https://shop.example"
	for name, c := range map[string]struct {
		method, origin, site string
		origins              []string
		refused              bool
	}{
		"no browser":                    {method: "POST"},
		"own page":                      {method: "POST", origin: own, site: "same-origin"},
		"own page, other case":          {method: "POST", origin: "https://API.example"},
		"own page, old browser":         {method: "DELETE", origin: own},
		"typed by the user":             {method: "POST", site: "none"},
		"own page without origin":       {method: "PATCH", site: "same-origin"},
		"foreign page":                  {method: "POST", origin: shop, site: "cross-site", refused: true},
		"foreign page, old browser":     {method: "PATCH", origin: shop, refused: true},
		"foreign page hides":            {method: "DELETE", origin: "null", refused: true},
		"foreign page without origin":   {method: "POST", site: "cross-site", refused: true},
		"sibling":                       {method: "POST", origin: "https://www.example", site: "same-site", refused: true},
		"own host, other scheme":        {method: "POST", origin: "http://api.example", site: "cross-site", refused: true},
		"own host, other port":          {method: "POST", origin: own + ":8443", site: "same-site", refused: true},
		"unknown site":                  {method: "POST", site: "elsewhere", refused: true},
		"not an origin":                 {method: "POST", origin: "api.example", refused: true},
		"allowed page":                  {method: "POST", origin: shop, site: "cross-site", origins: []string{shop}},
		"other page than allowed":       {method: "POST", origin: shop, site: "cross-site", origins: []string{own}, refused: true},
		"any page is no page":           {method: "POST", origin: shop, site: "cross-site", origins: []string{"*"}, refused: true},
		"a star for an origin":          {method: "POST", origin: "*", origins: []string{"*"}, refused: true},
		"reading from a foreign page":   {method: "GET", origin: shop, site: "cross-site"},
		"looking from a foreign page":   {method: "HEAD", site: "cross-site"},
		"asking from a foreign page":    {method: "OPTIONS", origin: shop},
		"an unknown method counts, too": {method: "BREW", origin: shop, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			for credential, meant := range map[string]bool{"cookie": true, "key": false, "both": false} {
				r := httptest.NewRequest(c.method, own+"/", nil)
				if c.origin != "" {
					r.Header.Set("Origin", c.origin)
				}
				if c.site != "" {
					r.Header.Set("Sec-Fetch-Site", c.site)
				}
				if credential != "cookie" {
					r.Header.Set("Authorization", "Bearer good")
				}
				if credential != "key" {
					r.AddCookie(&http.Cookie{Name: SessionCookie, Value: "good"})
				}
				_, err := (&stand{origins: c.origins}).serve(r)
				if got, want := fault.Is(err, fault.Forbidden), c.refused && meant; got != want || err != nil && !got {
					t.Errorf("%s: %v", credential, err)
				}
			}
		})
	}
}

// A request that cannot be told from a forged one does nothing.
func TestForgeryCannotBeTold(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Origin", "https://shop.example")
	r.AddCookie(&http.Cookie{Name: SessionCookie, Value: "good"})
	if _, err := (&stand{failing: true}).serve(r); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}
