package identity_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// rows counts reads.
type rows struct {
	keys  map[string]identity.Key
	users map[string]identity.User
	orgs  map[string]identity.Org
	reads int
}

func read[T any](r *rows, table map[string]T, name string) (T, error) {
	r.reads++
	found, ok := table[name]
	if !ok {
		return found, fault.New(fault.NotFound, "no")
	}
	return found, nil
}

func (r *rows) KeyByHash(_ context.Context, hash string) (identity.Key, error) {
	return read(r, r.keys, hash)
}

func (r *rows) User(_ context.Context, id string) (identity.User, error) { return read(r, r.users, id) }

func (r *rows) Org(_ context.Context, id string) (identity.Org, error) { return read(r, r.orgs, id) }

// tokens are the sessions that a verifier knows.
type tokens map[string]identity.Session

func (s tokens) Verify(_ context.Context, token string) (identity.Session, error) {
	switch session, ok := s[token]; {
	case token == "cannot.be.told":
		return identity.Session{}, errors.New("the keys are out of reach")
	case !ok:
		return identity.Session{}, identity.ErrUnauthorized
	default:
		return session, nil
	}
}

func TestSession_Authenticate(t *testing.T) {
	now := time.Unix(1000, 0)
	expires := now.Add(time.Hour)
	r := &rows{users: map[string]identity.User{
		"owner":   {ID: "owner", OrgID: "o", Role: identity.Owner},
		"member":  {ID: "member", OrgID: "o", Role: identity.Member, Ended: map[string]time.Time{"left": expires}},
		"removed": {ID: "removed", OrgID: "o", Role: identity.Owner, RemovedAt: now},
	}}
	auth := identity.NewAuthenticator(r, func() time.Time { return now })
	auth.Sessions = tokens{
		"owner.s.1":   {ID: "one", UserID: "owner", ExpiresAt: expires},
		"member.s.1":  {ID: "two", UserID: "member", ExpiresAt: expires},
		"member.s.2":  {ID: "left", UserID: "member", ExpiresAt: expires},
		"removed.s.1": {ID: "three", UserID: "removed", ExpiresAt: expires},
		"nobody.s.1":  {ID: "four", UserID: "nobody", ExpiresAt: expires},
	}

	type result struct {
		Caller identity.Caller
		Code   fault.Code
	}
	for token, want := range map[string]result{
		"owner.s.1":      {Caller: identity.Caller{OrgID: "o", UserID: "owner", Role: identity.Owner}},
		"member.s.1":     {Caller: identity.Caller{OrgID: "o", UserID: "member", Role: identity.Member}},
		"member.s.2":     {Code: fault.Unauthorized}, // logged out
		"removed.s.1":    {Code: fault.Unauthorized},
		"nobody.s.1":     {Code: fault.Unauthorized},
		"unknown.s.1":    {Code: fault.Unauthorized},
		"..":             {Code: fault.Unauthorized},
		"owner.s.1.more": {Code: fault.Unauthorized}, // four parts are a malformed key
		"cannot.be.told": {Code: fault.Internal},
	} {
		got := result{}
		var err error
		if got.Caller, err = auth.Authenticate(t.Context(), token); err != nil {
			got.Code = fault.From(err).Code
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", token, d)
		}
	}
}

// What ends a session's power works within 5 s, and until then costs no reads.
func TestSession_EndsWithin5Seconds(t *testing.T) {
	ended := identity.User{ID: "u", OrgID: "o", Role: identity.Owner, Ended: map[string]time.Time{"one": time.Unix(5000, 0)}}
	for name, change := range map[string]func(*rows){
		"log out":  func(r *rows) { r.users["u"] = ended },
		"removal":  func(r *rows) { r.users["u"] = identity.User{ID: "u", OrgID: "o", RemovedAt: time.Unix(1001, 0)} },
		"deletion": func(r *rows) { delete(r.users, "u") },
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Unix(1000, 0)
			r := &rows{users: map[string]identity.User{"u": {ID: "u", OrgID: "o", Role: identity.Owner}}}
			auth := identity.NewAuthenticator(r, func() time.Time { return now })
			auth.Sessions = tokens{"u.s.1": {ID: "one", UserID: "u"}}
			for range 3 {
				if _, err := auth.Authenticate(t.Context(), "u.s.1"); err != nil {
					t.Fatal(err)
				}
			}
			if r.reads != 1 {
				t.Errorf("got %d reads for a known user, want 1", r.reads)
			}
			change(r)
			now = now.Add(5 * time.Second)
			if _, err := auth.Authenticate(t.Context(), "u.s.1"); !fault.Is(err, fault.Unauthorized) {
				t.Errorf("got %v after 5 s, want Unauthorized", err)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	now := time.Unix(1000, 0)
	r := &rows{orgs: map[string]identity.Org{"o": {ID: "o", AllowedOrigins: []string{"https://a"}}}}
	auth := identity.NewAuthenticator(r, func() time.Time { return now })
	for range 2 {
		got, err := auth.Origins(t.Context(), "o")
		if d := cmp.Diff([]string{"https://a"}, got); d != "" || err != nil {
			t.Errorf("error %v, origins (-want +got):\n%s", err, d)
		}
	}
	if r.reads != 1 {
		t.Errorf("got %d reads for a known org, want 1", r.reads)
	}
}

func TestMayOwn(t *testing.T) {
	for name, c := range map[string]struct {
		caller identity.Caller
		id     string
		may    bool
	}{
		"owner":     {identity.Caller{UserID: "u", Role: identity.Owner}, "u", true},
		"member":    {identity.Caller{UserID: "u", Role: identity.Member}, "u", false},
		"no role":   {identity.Caller{UserID: "u"}, "u", false},
		"key":       {identity.Caller{KeyID: "k"}, "k", false},
		"bound key": {identity.Caller{KeyID: "k", AgentID: "a"}, "k", false},
		"odd key":   {identity.Caller{KeyID: "k", Role: identity.Owner}, "k", false},
	} {
		err := c.caller.MayOwn()
		if c.caller.ID() != c.id || (err == nil) != c.may || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got id %s, error %v; want %s, allowed: %t", name, c.caller.ID(), err, c.id, c.may)
		}
	}
}
