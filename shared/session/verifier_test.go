package session_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/session"
)

const (
	issuer   = "https://pool.example/us-east-1_Users"
	audience = "client"
)

// pool is a user pool with a fake clock.
type pool struct {
	*session.Verifier

	now     time.Time
	keys    map[string]*rsa.PrivateKey // by key id
	fetches atomic.Int64
	failing atomic.Bool
	odd     []map[string]string // further published keys
}

func newPool(t testing.TB) *pool {
	t.Helper()
	p := &pool{now: time.Unix(1_800_000_000, 0), keys: map[string]*rsa.PrivateKey{"a/+=": newKey(t, 2048)}}
	server := httptest.NewServer(http.HandlerFunc(p.publish))
	t.Cleanup(server.Close)
	p.Verifier = session.New(
		session.Pool{Issuer: issuer, Audience: audience, KeysURL: server.URL + "/keys"},
		server.Client(), func() time.Time { return p.now },
	)
	return p
}

func newKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p *pool) publish(w http.ResponseWriter, _ *http.Request) {
	p.fetches.Add(1)
	if p.failing.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	published := p.odd
	for name, key := range p.keys {
		published = append(published, jwk(name, "sig", &key.PublicKey))
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": published})
}

func jwk(name, use string, key *rsa.PublicKey) map[string]string {
	return map[string]string{
		"kid": name, "kty": "RSA", "alg": "RS256", "use": use,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

// claims returns valid claims with changes; a nil value removes a claim.
func (p *pool) claims(changes map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{
		"sub": "user", "iss": issuer, "aud": audience, "token_use": "id", "jti": "session",
		"iat": p.now.Unix(), "exp": p.now.Add(time.Hour).Unix(), "email": "user@example.com",
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func sign(t testing.TB, method jwt.SigningMethod, kid any, key any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != nil {
		token.Header["kid"] = kid
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (p *pool) good(t testing.TB) string {
	t.Helper()
	return sign(t, jwt.SigningMethodRS256, "a/+=", p.keys["a/+="], p.claims(nil))
}

func TestVerify_ValidToken(t *testing.T) {
	p := newPool(t)
	want := identity.Session{ID: "session", UserID: "user", ExpiresAt: p.now.Add(time.Hour)}
	for range 3 {
		got, err := p.Verify(t.Context(), p.good(t))
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	}
	several := sign(t, jwt.SigningMethodRS256, "a/+=", p.keys["a/+="], p.claims(map[string]any{"aud": []string{"other", audience}, "nbf": p.now.Unix()}))
	if _, err := p.Verify(t.Context(), several); err != nil {
		t.Error(err)
	}
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("got %d requests for the keys, want 1", n)
	}
}

// Every kind of invalid token, and whether it is rejected without fetching the keys.
func TestVerify_InvalidTokens(t *testing.T) {
	p := newPool(t)
	key, foreign, weak := p.keys["a/+="], newKey(t, 2048), newKey(t, 1024)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.odd = []map[string]string{
		jwk("weak", "sig", &weak.PublicKey), jwk("encrypts", "enc", &foreign.PublicKey), jwk("", "sig", &foreign.PublicKey),
		{"kid": "curve", "kty": "EC", "use": "sig", "crv": "P-256", "x": "AA", "y": "AA"},
		{"kid": "broken", "kty": "RSA", "use": "sig", "n": "!", "e": "AQAB"},
		{"kid": "even", "kty": "RSA", "use": "sig", "n": base64.RawURLEncoding.EncodeToString(foreign.N.Bytes()), "e": "Ag"},
		{"kid": "one", "kty": "RSA", "use": "sig", "n": base64.RawURLEncoding.EncodeToString(foreign.N.Bytes()), "e": "AQ"},
	}
	rs256 := func(changes map[string]any) string {
		return sign(t, jwt.SigningMethodRS256, "a/+=", key, p.claims(changes))
	}
	good := p.good(t)
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	segment := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	ago := func(d time.Duration) int64 { return p.now.Add(-d).Unix() }
	pem := []byte(jwk("", "", &key.PublicKey)["n"])

	for name, c := range map[string]struct {
		token string
		early bool
	}{
		"empty":                 {"", true},
		"dots":                  {"..", true},
		"words":                 {"a.b.c", true},
		"two parts":             {head + "." + body, true},
		"four parts":            {good + ".x", true},
		"NUL":                   {head + "\x00." + rest, true},
		"padding":               {head + "=." + rest, true},
		"a header that is text": {segment("text") + "." + rest, true},
		"claims that are text":  {head + "." + segment(`"text"`) + "." + signature, true},
		"claims that are null":  {head + "." + segment("null") + "." + signature, true},

		"alg none":           {segment(`{"alg":"none","kid":"a/+="}`) + "." + body + ".", true},
		"alg None":           {segment(`{"alg":"None","kid":"a/+="}`) + "." + body + "." + signature, true},
		"no alg":             {segment(`{"kid":"a/+="}`) + "." + rest, true},
		"alg that is none":   {segment(`{"alg":256,"kid":"a/+="}`) + "." + rest, true},
		"HS256 by public":    {sign(t, jwt.SigningMethodHS256, "a/+=", pem, p.claims(nil)), true},
		"RS512":              {sign(t, jwt.SigningMethodRS512, "a/+=", key, p.claims(nil)), true},
		"PS256":              {sign(t, jwt.SigningMethodPS256, "a/+=", key, p.claims(nil)), true},
		"ES256":              {sign(t, jwt.SigningMethodES256, "curve", curve, p.claims(nil)), true},
		"expired":            {rs256(map[string]any{"exp": ago(time.Second)}), true},
		"expires now":        {rs256(map[string]any{"exp": p.now.Unix()}), true},
		"never expires":      {rs256(map[string]any{"exp": nil}), true},
		"expires in words":   {rs256(map[string]any{"exp": "tomorrow"}), true},
		"not yet":            {rs256(map[string]any{"nbf": p.now.Add(time.Minute).Unix()}), true},
		"foreign issuer":     {rs256(map[string]any{"iss": issuer + "2"}), true},
		"no issuer":          {rs256(map[string]any{"iss": nil}), true},
		"issuer with slash":  {rs256(map[string]any{"iss": issuer + "/"}), true},
		"foreign audience":   {rs256(map[string]any{"aud": "another"}), true},
		"no audience":        {rs256(map[string]any{"aud": nil}), true},
		"empty audience":     {rs256(map[string]any{"aud": []string{}}), true},
		"access token":       {rs256(map[string]any{"token_use": "access", "client_id": audience}), true},
		"no use":             {rs256(map[string]any{"token_use": nil}), true},
		"no subject":         {rs256(map[string]any{"sub": nil}), true},
		"no id":              {rs256(map[string]any{"jti": nil}), true},
		"signed by another":  {sign(t, jwt.SigningMethodRS256, "a/+=", foreign, p.claims(nil)), false},
		"unknown key":        {sign(t, jwt.SigningMethodRS256, "other", foreign, p.claims(nil)), false},
		"no key named":       {sign(t, jwt.SigningMethodRS256, nil, key, p.claims(nil)), false},
		"key named nothing":  {sign(t, jwt.SigningMethodRS256, "", foreign, p.claims(nil)), false},
		"key named a number": {sign(t, jwt.SigningMethodRS256, 1, key, p.claims(nil)), false},
		"a weak key":         {sign(t, jwt.SigningMethodRS256, "weak", weak, p.claims(nil)), false},
		"an encryption key":  {sign(t, jwt.SigningMethodRS256, "encrypts", foreign, p.claims(nil)), false},
		"an EC key":          {sign(t, jwt.SigningMethodRS256, "curve", foreign, p.claims(nil)), false},
		"a broken key":       {sign(t, jwt.SigningMethodRS256, "broken", foreign, p.claims(nil)), false},
		"an even exponent":   {sign(t, jwt.SigningMethodRS256, "even", foreign, p.claims(nil)), false},
		"an exponent of one": {sign(t, jwt.SigningMethodRS256, "one", foreign, p.claims(nil)), false},
		"a key of the token": {withKey(t, foreign, p.claims(nil)), false},
		"no signature":       {head + "." + body + ".", false},
		"half a signature":   {good[:len(good)-100], false},
		"other claims":       {head + "." + segment(claimsJSON(t, p.claims(map[string]any{"sub": "root"}))) + "." + signature, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := p.fetches.Load()
			s, err := p.Verify(t.Context(), c.token)
			if !errors.Is(err, identity.ErrUnauthorized) || s != (identity.Session{}) {
				t.Errorf("got %+v, %v; want no session, ErrUnauthorized", s, err)
			}
			if fetched := p.fetches.Load() > before; fetched && c.early {
				t.Error("got a request for the keys, want none")
			}
			p.now = p.now.Add(time.Millisecond)
		})
	}
	if _, err := p.Verify(t.Context(), good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// withKey returns a token that carries its own key and names a URL for it.
func withKey(t *testing.T, key *rsa.PrivateKey, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["jwk"] = jwk("own", "sig", &key.PublicKey)
	token.Header["jku"] = "http://127.0.0.1:1/keys"
	token.Header["kid"] = "own"
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func claimsJSON(t *testing.T, c jwt.MapClaims) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Changing any one character makes a token invalid.
func TestVerify_ChangedTokens(t *testing.T) {
	p := newPool(t)
	good := p.good(t)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(good)-1).Draw(t, "place")
		other := rapid.StringMatching(`[A-Za-z0-9_.-]`).Draw(t, "other")
		changed := good[:i] + other + good[i+1:]
		// The last character of a part has unused bits.
		if decoded(changed) == decoded(good) {
			return
		}
		if _, err := p.Verify(t.Context(), changed); !errors.Is(err, identity.ErrUnauthorized) {
			t.Fatalf("%q: got %v, want ErrUnauthorized", changed, err)
		}
	})
}

func decoded(token string) string {
	var parts []string
	for part := range strings.SplitSeq(token, ".") {
		plain, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return token
		}
		parts = append(parts, string(plain))
	}
	return strings.Join(parts, "\x00")
}

func TestVerify_RefetchesKeys(t *testing.T) {
	p := newPool(t)
	verify := func(kid string, fetches int64) error {
		t.Helper()
		_, err := p.Verify(t.Context(), sign(t, jwt.SigningMethodRS256, kid, p.keys[kid], p.claims(nil)))
		if n := p.fetches.Load(); n != fetches {
			t.Errorf("got %d requests for the keys, want %d", n, fetches)
		}
		return err
	}
	if err := verify("a/+=", 1); err != nil {
		t.Fatal(err)
	}

	// A new key is unknown until refetchAfter has passed, no matter how many tokens use it.
	p.keys["new"] = newKey(t, 2048)
	p.now = p.now.Add(9 * time.Second)
	for range 3 {
		if err := verify("new", 1); !errors.Is(err, identity.ErrUnauthorized) {
			t.Errorf("got %v for an unknown key, want ErrUnauthorized", err)
		}
	}
	p.now = p.now.Add(time.Second)
	for range 3 {
		if err := verify("new", 2); err != nil {
			t.Error(err)
		}
	}

	// While the pool cannot be reached, the cached keys stay valid.
	p.failing.Store(true)
	p.now = p.now.Add(time.Hour)
	for range 3 {
		if err := verify("new", 3); err != nil {
			t.Error(err)
		}
	}

	// A withdrawn key stops working after maxAge.
	p.failing.Store(false)
	withdrawn := p.keys["new"]
	delete(p.keys, "new")
	p.now = p.now.Add(time.Hour)
	token := sign(t, jwt.SigningMethodRS256, "new", withdrawn, p.claims(nil))
	if _, err := p.Verify(t.Context(), token); !errors.Is(err, identity.ErrUnauthorized) {
		t.Errorf("got %v for a withdrawn key after an hour, want ErrUnauthorized", err)
	}
}

// An unreachable pool is an internal error, not an invalid token.
func TestVerify_PoolUnreachable(t *testing.T) {
	p := newPool(t)
	p.failing.Store(true)
	if _, err := p.Verify(t.Context(), p.good(t)); err == nil || errors.Is(err, identity.ErrUnauthorized) {
		t.Errorf("got %v, want an internal error", err)
	}
	p.failing.Store(false)
	if _, err := p.Verify(t.Context(), p.good(t)); err != nil {
		t.Errorf("it is not asked again: %v", err)
	}
}
