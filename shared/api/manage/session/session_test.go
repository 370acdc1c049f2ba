package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// gate accepts every log-in and records it.
type gate struct {
	came    identity.Login
	expires time.Time
	origins []string
}

func (g *gate) LogIn(_ context.Context, l identity.Login) (identity.Granted, error) {
	g.came = l
	return identity.Granted{
		Token: "h.p.s", Session: identity.Session{ID: "1", UserID: "u", ExpiresAt: g.expires},
		Caller: identity.Caller{OrgID: "o", UserID: "u", Role: identity.Owner}, Device: "known",
	}, nil
}

func (g *gate) Authenticate(context.Context, string) (identity.Caller, error) {
	return identity.Caller{}, identity.ErrUnauthorized
}

func (g *gate) Origins(context.Context, string) ([]string, error) { return g.origins, nil }

func (g *gate) Session(context.Context, string) (identity.Session, identity.Caller, error) {
	return identity.Session{}, identity.Caller{}, identity.ErrUnauthorized
}

// noKeys is a Keeper for requests without idempotency keys.
type noKeys struct{ Keeper }

func (noKeys) ConfirmSession(context.Context, *idempotency.Change, identity.Session) error {
	return nil
}

// The cookie is sent over TLS only, except on this machine, where the API has no TLS.
func TestSessionCookie(t *testing.T) {
	now := time.Unix(1000, 0)
	for host, secure := range map[string]bool{
		"api.example.com": true, "api.example.com:8443": true, "localhost.example.com": true, "notlocalhost": true, "192.0.2.1:3000": true, "[2001:db8::1]": true, "": true,
		"127.0.0.1:3000": false, "127.9.9.9": false, "localhost": false, "LOCALHOST:3000": false, "demo.localhost:3000": false, "[::1]:3000": false, "[::1]": false,
	} {
		g := &gate{expires: now.Add(24 * time.Hour)}
		r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(`{"email":"A@example.com","password":"x"}`))
		r.Host, r.RemoteAddr = host, "192.0.2.7"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		r.AddCookie(&http.Cookie{Name: "af_device_08168cd8", Value: "before"})
		r.AddCookie(&http.Cookie{Name: "af_device_00000000", Value: "another user's"})
		w := httptest.NewRecorder()
		Create(g, noKeys{}, func() time.Time { return now }).ServeHTTP(w, r)
		cookies := w.Result().Cookies()
		if w.Code != http.StatusOK || len(cookies) != 2 {
			t.Fatalf("%s: got %d %s with %d cookies, want 200 with 2", host, w.Code, w.Body, len(cookies))
		}
		want := []*http.Cookie{
			{Name: "af_session", Value: "h.p.s", Path: "/", MaxAge: 86400, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, Raw: cookies[0].Raw},
			{Name: "af_device_08168cd8", Value: "known", Path: "/", MaxAge: 31536000, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode, Raw: cookies[1].Raw},
		}
		if d := cmp.Diff(want, cookies); d != "" {
			t.Errorf("%s (-want +got):\n%s", host, d)
		}
		if d := cmp.Diff(identity.Login{Email: "a@example.com", Password: "x", Address: "192.0.2.7", Device: "before"}, g.came); d != "" {
			t.Errorf("%s (-want +got):\n%s", host, d)
		}
		if strings.Contains(w.Body.String(), "h.p.s") || strings.Contains(w.Body.String(), "known") {
			t.Errorf("got the token in %s, want it only in cookies", w.Body)
		}
	}
}

// A foreign page can neither begin nor end a session, even if an org allows its origin, because the page would
// choose the org.
func TestCreate_ForeignPage(t *testing.T) {
	for name, c := range map[string]struct{ origin, site string }{
		"an allowed page": {origin: "https://shop.example", site: "cross-site"},
		"a hidden page":   {origin: "null"},
		"no origin":       {site: "cross-site"},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gate{origins: []string{"https://shop.example"}}
			send := func(h http.Handler, path, body string) *httptest.ResponseRecorder {
				r, w := httptest.NewRequest("POST", path, strings.NewReader(body)), httptest.NewRecorder()
				r.Header.Set("Origin", c.origin)
				r.Header.Set("Sec-Fetch-Site", c.site)
				h.ServeHTTP(w, r)
				return w
			}
			in := send(Create(g, noKeys{}, time.Now), "/auth/login", `{"email":"a@example.com","password":"x"}`)
			if in.Code != http.StatusForbidden || in.Header().Get("Set-Cookie") != "" || g.came != (identity.Login{}) {
				t.Errorf("login: got %d %s, %v; want 403 without a cookie", in.Code, in.Body, in.Header())
			}
			out := send(Delete(g, nil, time.Now), "/auth/logout", "")
			if out.Code != http.StatusOK || out.Header().Get("Set-Cookie") != "" {
				t.Errorf("logout: got %d %s, %v; want 200 without a cookie", out.Code, out.Body, out.Header())
			}
		})
	}
}

func TestAddress(t *testing.T) {
	for remote, want := range map[string]string{"192.0.2.1": "192.0.2.1", "192.0.2.1:5": "192.0.2.1", "2001:db8::1": "2001:db8::1", "[2001:db8::1]:5": "2001:db8::1"} {
		if got := address(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s: got %s, want %s", remote, got, want)
		}
	}
}
