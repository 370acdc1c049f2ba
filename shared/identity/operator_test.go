package identity_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/identity"
)

// An operator's key authenticates an operator but no org, and an org's key an org but no
// operator, until it is revoked.
func TestOperators_Authenticate(t *testing.T) {
	now := time.Unix(1000, 0)
	r := &rows{keys: map[string]identity.Key{}}
	keep := func(k identity.Key, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		r.keys[k.Hash] = k
		return k.Secret
	}
	op, err := identity.NewOperatorKey("ops", now)
	raw := keep(op, err)
	if !strings.HasPrefix(raw, "op_live_") || identity.WellFormed(raw) {
		t.Errorf("got operator key %s, want op_live_ and no form of an org's key", raw)
	}
	revoked, err := identity.NewOperatorKey("gone", now)
	revoked.RevokedAt = now
	gone := keep(revoked, err)
	orgs := keep(identity.NewKey("o", "x", "af", now))
	unknown, err := identity.NewOperatorKey("unknown", now)
	if err != nil {
		t.Fatal(err)
	}
	// No code creates such a row, and it would not be an operator's key.
	foreign, stored, err := identity.Mint(identity.Key{ID: "f", OrgID: "o", Prefix: "op"}, bytes.NewReader(make([]byte, 64)))
	if err != nil {
		t.Fatal(err)
	}
	r.keys[stored.Hash] = stored

	operators := identity.NewOperators(r, func() time.Time { return now })
	caller, err := operators.Authenticate(t.Context(), raw)
	if want := (identity.Caller{OrgID: identity.OperatorOrg, KeyID: op.ID}); err != nil || caller != want {
		t.Errorf("got %+v, %v; want %+v", caller, err, want)
	}
	for name, credential := range map[string]string{
		"a revoked one": gone, "an unknown one": unknown.Secret, "an org's": orgs, "a session": "a.b.c", "nothing": "",
		"a wrong checksum": raw[:8] + raw[9:] + raw[8:9], "another alphabet": raw[:10] + "-" + raw[11:], "an org's row": foreign,
	} {
		if caller, err := operators.Authenticate(t.Context(), credential); !errors.Is(err, identity.ErrUnauthorized) || caller != (identity.Caller{}) {
			t.Errorf("%s: got %+v, %v; want Unauthorized", name, caller, err)
		}
	}
	if _, err := identity.NewAuthenticator(r, func() time.Time { return now }).Authenticate(t.Context(), raw); !errors.Is(err, identity.ErrUnauthorized) {
		t.Errorf("got %v for an operator key on a route of an org, want Unauthorized", err)
	}
	reads := r.reads
	if _, err := operators.Authenticate(t.Context(), "op_live_nothing"); !errors.Is(err, identity.ErrUnauthorized) || r.reads != reads {
		t.Errorf("got %v after %d reads for a malformed key, want Unauthorized after 0", err, r.reads-reads)
	}
}

func TestNewOperatorKey_Name(t *testing.T) {
	for _, name := range []string{"", " ", strings.Repeat("x", identity.MaxName+1)} {
		if k, err := identity.NewOperatorKey(name, time.Now()); err == nil {
			t.Errorf("%q: got %+v, want an error", name, k)
		}
	}
	if k, err := identity.NewOperatorKey(" ops ", time.Now()); err != nil || k.Name != "ops" {
		t.Errorf(`got %+v, %v; want the name "ops"`, k, err)
	}
}
