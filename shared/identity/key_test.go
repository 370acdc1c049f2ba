package identity_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

var shape = regexp.MustCompile(`^(af|fj|fg|fx|ft)_live_[0-9A-Za-z]{33}$`)

func TestNewSecret_WellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom(identity.Prefixes).Draw(t, "prefix")
		random := rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "random")
		raw, err := identity.NewSecret(prefix, bytes.NewReader(random))
		if err != nil || !shape.MatchString(raw) || !identity.WellFormed(raw) {
			t.Fatalf("got key %q, %v; want one that is well formed", raw, err)
		}
		// A change of any single character is detected.
		i := rapid.IntRange(len(prefix)+len("_live_"), len(raw)-1).Draw(t, "place")
		other := rapid.SampledFrom(strings.Split("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "")).Draw(t, "other")
		if changed := raw[:i] + other + raw[i+1:]; changed != raw && identity.WellFormed(changed) {
			t.Fatalf("got %q accepted for %q, want it refused", changed, raw)
		}
	})
}

func TestWellFormed_MalformedKeys(t *testing.T) {
	raw, err := identity.NewSecret("fj", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "fj_live_", raw[:len(raw)-1], raw + "0", "xx" + raw[2:], strings.Replace(raw, "_live_", "_test_", 1), "Bearer " + raw,
		"fj_live_" + strings.Repeat("é", 33), "fj_live_" + strings.Repeat("\x00", 33), strings.ToUpper(raw),
	} {
		if identity.WellFormed(bad) {
			t.Errorf("got %q accepted, want it refused", bad)
		}
	}
}

func TestAuthenticate(t *testing.T) {
	raw, key, err := identity.Mint(identity.Key{ID: "k", OrgID: "o", AgentID: "a", Prefix: "ft"}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(key.Hash, raw) || key.Hint != raw[len(raw)-4:] {
		t.Errorf("got %+v stored, want no key and the hint %s", key, raw[len(raw)-4:])
	}
	r := &rows{keys: map[string]identity.Key{key.Hash: key}}
	now := time.Unix(1000, 0)
	auth := identity.NewAuthenticator(r, func() time.Time { return now })
	authenticate := func(raw string) error {
		_, err := auth.Authenticate(t.Context(), raw)
		return err
	}

	caller, err := auth.Authenticate(t.Context(), raw)
	if err != nil || caller != (identity.Caller{OrgID: "o", KeyID: "k", AgentID: "a"}) {
		t.Fatalf("got %+v, %v; want agent a of org o by key k", caller, err)
	}
	if authenticate(raw) != nil || r.reads != 1 {
		t.Errorf("got %d reads for a known key, want 1", r.reads)
	}

	// Without a session verifier, no session is accepted.
	if !fault.Is(authenticate("a.b.c"), fault.Unauthorized) || r.reads != 1 {
		t.Errorf("got %d reads for a session, want 1 and Unauthorized", r.reads)
	}

	// A key with a bad checksum costs no read.
	if !fault.Is(authenticate(raw[:len(raw)-1]+"!"), fault.Unauthorized) || r.reads != 1 {
		t.Errorf("got %d reads for a malformed key, want 1 and Unauthorized", r.reads)
	}
	unknown, err := identity.NewSecret("ft", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if !fault.Is(authenticate(unknown), fault.Unauthorized) || r.reads != 2 {
		t.Errorf("got %d reads for an unknown key, want 2 and Unauthorized", r.reads)
	}

	// A revoked key works for at most 5 s.
	key.RevokedAt = now
	r.keys[key.Hash] = key
	now = now.Add(5 * time.Second)
	if err := authenticate(raw); !fault.Is(err, fault.Unauthorized) {
		t.Errorf("got %v for a revoked key after 5 s, want Unauthorized", err)
	}
}
