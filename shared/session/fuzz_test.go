package session_test

import (
	"errors"
	"testing"

	"github.com/quintet-agents/quintet/shared/identity"
)

// No token crashes the verifier, and no token is valid unless the pool signed it.
func FuzzVerify(f *testing.F) {
	p := newPool(f)
	good := p.good(f)
	f.Add(good)
	f.Add("a.b.c")
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyIn0.")
	f.Add("eyJhbGciOiJSUzI1NiIsImtpZCI6WzFdfQ.e30.AAAA")
	f.Add(good[:len(good)-2] + "AA")
	f.Fuzz(func(t *testing.T, token string) {
		s, err := p.Verify(t.Context(), token)
		// The last character of a signature has unused bits.
		if err == nil && (token[:len(token)-1] != good[:len(good)-1] || s.ID != "session" || s.UserID != "user") {
			t.Errorf("%q: got session %+v, want the signed one or an error", token, s)
		}
		if err != nil && !errors.Is(err, identity.ErrUnauthorized) {
			t.Errorf("%q: got %v, want no error or ErrUnauthorized", token, err)
		}
	})
}
