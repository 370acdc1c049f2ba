package main

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// A live operator's key is kept; any other key is replaced.
func TestOperatorKey_KeepsLiveKey(t *testing.T) {
	table := dynamotest.Open(t)
	next := func(known string) string {
		t.Helper()
		raw, err := operatorKey(t.Context(), table.Store, known)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	first := next("")
	caller, err := identity.NewOperators(table.Store, time.Now).Authenticate(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if again := next(first); again != first {
		t.Errorf("got key %s, want %s", again, first)
	}
	if err := table.Store.RevokeKey(t.Context(), nil, identity.OperatorOrg, caller.KeyID, time.Now()); err != nil {
		t.Fatal(err)
	}
	orgs, _ := table.Key(t, table.Org(t, 0), "")
	unknown, err := identity.NewOperatorKey("x", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{first, orgs, unknown.Secret} {
		if got := next(known); got == known || got == "" {
			t.Errorf("key %s: got %q, want a new one", known, got)
		}
	}
}
