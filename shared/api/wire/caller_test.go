package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// stand is an Authenticator with one credential and one org's origins.
type stand struct {
	origins []string
	failing bool
	reads   int // of the origins
}

func (s *stand) Authenticate(_ context.Context, credential string) (identity.Caller, error) {
	if credential != "good" {
		return identity.Caller{}, identity.ErrUnauthorized
	}
	return identity.Caller{OrgID: "o", KeyID: "k"}, nil
}

func (s *stand) Origins(context.Context, string) ([]string, error) {
	s.reads++
	if s.failing {
		return nil, errors.New("out of reach")
	}
	return s.origins, nil
}

// serve runs a handler behind Authorized.
func (s *stand) serve(r *http.Request) (*httptest.ResponseRecorder, error) {
	var failure error
	w := httptest.NewRecorder()
	CORS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failure = Authorized(s, func(http.ResponseWriter, *http.Request, identity.Caller) error { return nil })(w, r)
	})).ServeHTTP(w, r)
	return w, failure
}

// serveClosed is serve for a route without CORS.
func (s *stand) serveClosed(r *http.Request) (*httptest.ResponseRecorder, error) {
	w := httptest.NewRecorder()
	err := Authorized(s, func(http.ResponseWriter, *http.Request, identity.Caller) error { return nil })(w, r)
	return w, err
}

// A surface can distinguish a missing credential from an invalid one, but need not.
func TestNoCredential(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	_, none := new(stand).serve(r)
	r.Header.Set("Authorization", "Bearer bad")
	_, bad := new(stand).serve(r)
	if !errors.Is(none, identity.ErrNoCredential) || errors.Is(none, identity.ErrUnauthorized) || !errors.Is(bad, identity.ErrUnauthorized) {
		t.Errorf("got %v without a credential and %v with a bad one, want ErrNoCredential and ErrUnauthorized", none, bad)
	}
	if fault.From(none).Message != fault.From(bad).Message {
		t.Errorf("got messages %q and %q, want the same", none, bad)
	}
}

// pages has the CORS headers of an answer.
type pages struct {
	Origin      string
	Credentials string
	Vary        string
	Exposed     string
}

func pagesOf(h http.Header) pages {
	return pages{
		h.Get("Access-Control-Allow-Origin"), h.Get("Access-Control-Allow-Credentials"), h.Get("Vary"), h.Get("Access-Control-Expose-Headers"),
	}
}

const exposed = "X-Request-Id, Retry-After, Idempotency-Replayed, RateLimit, RateLimit-Policy, x-flow-balance, x-flow-precharge"

func TestCORS(t *testing.T) {
	const shop, other, own = "https://shop.example", "https://other.example", "http://example.com"
	anybody := pages{Origin: "*", Exposed: exposed}
	named := pages{Origin: shop, Credentials: "true", Vary: "Origin", Exposed: exposed}
	foreign := pages{Vary: "Origin", Exposed: exposed}
	for name, c := range map[string]struct {
		origins      []string
		origin       string
		key          string
		open, closed pages // of a route that pages may call, and of another
		reads        int   // on each
	}{
		"nothing set":        {nil, shop, "good", anybody, pages{}, 1},
		"any":                {[]string{"*"}, shop, "good", pages{Origin: "*", Vary: "Origin", Exposed: exposed}, pages{Vary: "Origin"}, 1},
		"any among others":   {[]string{other, "*"}, shop, "good", pages{Origin: "*", Vary: "Origin", Exposed: exposed}, pages{Vary: "Origin"}, 1},
		"named beside any":   {[]string{shop, "*"}, shop, "good", named, named, 1},
		"named":              {[]string{other, shop}, shop, "good", named, named, 1},
		"not named":          {[]string{other}, shop, "good", foreign, pages{Vary: "Origin"}, 1},
		"a longer one":       {[]string{shop}, shop + ".evil", "good", foreign, pages{Vary: "Origin"}, 1},
		"null":               {[]string{shop}, "null", "good", foreign, pages{Vary: "Origin"}, 1},
		"a star":             {[]string{"*"}, "*", "good", pages{Origin: "*", Vary: "Origin", Exposed: exposed}, pages{Vary: "Origin"}, 1},
		"no page":            {[]string{shop}, "", "good", anybody, pages{}, 0},
		"caller not known":   {[]string{other}, shop, "bad", anybody, pages{}, 0},
		"without credential": {[]string{other}, shop, "", anybody, pages{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for route, want := range map[bool]pages{true: c.open, false: c.closed} {
				s := &stand{origins: c.origins}
				r := httptest.NewRequest("POST", "/", nil)
				if c.origin != "" {
					r.Header.Set("Origin", c.origin)
				}
				r.Header.Set("X-Api-Key", c.key)
				w, _ := s.serve(r)
				if !route {
					s.reads = 0
					w, _ = s.serveClosed(r)
				}
				if d := cmp.Diff(want, pagesOf(w.Header())); d != "" || s.reads != c.reads {
					t.Errorf("open %t: %d reads, want %d (-want +got):\n%s", route, s.reads, c.reads, d)
				}
			}
		})
	}
	s, r := &stand{origins: []string{shop}}, httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Origin", own)
	r.Header.Set("X-Api-Key", "good")
	if w, err := s.serveClosed(r); err != nil || s.reads != 0 || len(w.Header()) != 0 {
		t.Errorf("got %v for a closed page, %d reads, %v; want no error, read or header", err, s.reads, w.Header())
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
		"foreign origin, own site":      {method: "POST", origin: shop, site: "same-origin", refused: true},
		"own origin, foreign site":      {method: "POST", origin: own, site: "cross-site", refused: true},
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
					t.Errorf("%s: got forbidden %t, want %t: %v", credential, got, want, err)
				}
			}
		})
	}
}

// If the org's settings cannot be read, a foreign request has no effect.
func TestForgery_SettingsUnavailable(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Origin", "https://shop.example")
	r.AddCookie(&http.Cookie{Name: SessionCookie, Value: "good"})
	if _, err := (&stand{failing: true}).serve(r); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v, want an internal error", err)
	}
}
