package dynamo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// After any sequence of creations and revocations, the list has the live keys, newest first, and agrees with
// the keys' own rows.
func TestKeys_ListMatchesRows(t *testing.T) {
	table := dynamotest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		org := table.Org(t, 0)
		var live, revoked []identity.Key // newest first
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			if len(live) == 0 || rapid.Bool().Draw(rt, "mint") {
				_, k := table.Key(t, org, "")
				live = append([]identity.Key{k}, live...)
				continue
			}
			i := rapid.IntRange(0, len(live)-1).Draw(rt, "which")
			for range 2 { // the second time changes nothing
				if err := table.Store.RevokeKey(ctx, nil, org, live[i].ID, noon); err != nil {
					rt.Fatal(err)
				}
			}
			revoked = append(revoked, live[i])
			live = append(live[:i:i], live[i+1:]...)
		}
		var got []string
		limit := rapid.IntRange(1, 3).Draw(rt, "limit")
		for after := ""; ; {
			page, err := table.Store.Keys(ctx, org, after, limit)
			if err != nil {
				rt.Fatal(err)
			}
			for _, k := range page {
				got = append(got, k.ID)
			}
			if len(page) < limit {
				break
			}
			after = page[limit-1].ID
		}
		var want []string
		for _, k := range live {
			want = append(want, k.ID)
			if own, err := table.Store.KeyByHash(ctx, k.Hash); err != nil || !own.RevokedAt.IsZero() {
				rt.Fatalf("got live key %+v, %v; want it not revoked", own, err)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("the list (-want +got):\n%s", d)
		}
		for _, k := range revoked {
			if own, err := table.Store.KeyByHash(ctx, k.Hash); err != nil || !own.RevokedAt.Equal(noon) {
				rt.Fatalf("got revoked key %+v, %v; want it revoked at %s", own, err, noon)
			}
		}
	})
}

func TestRevokeKey_OtherOrg(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, 0), table.Org(t, 0)
	_, k := table.Key(t, org, "")
	wantCode(t, table.Store.RevokeKey(ctx, nil, other, k.ID, noon), fault.NotFound)
	wantCode(t, table.Store.RevokeKey(ctx, nil, org, "nothing", noon), fault.NotFound)
	if own, err := table.Store.KeyByHash(ctx, k.Hash); err != nil || !own.RevokedAt.IsZero() {
		t.Errorf("got key %+v, %v; want it not revoked", own, err)
	}
}

// The table does not contain a raw key, not even in the stored answer to its request.
func TestCreateKey_DoesNotStoreSecret(t *testing.T) {
	table := dynamotest.Open(t)
	k, err := identity.NewKey(table.Org(t, 0), "x", "af", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	key, err := idempotency.New(k.OrgID, "POST", "/x", "once", nil)
	if err != nil {
		t.Fatal(err)
	}
	once := &idempotency.Change{Key: key, Answer: func(result any) (idempotency.Answer, error) {
		body, err := json.Marshal(result)
		return idempotency.Answer{Status: 201, Body: body}, err
	}}
	if err := table.Store.CreateKey(ctx, once, k); err != nil {
		t.Fatal(err)
	}
	if kept, err := table.Store.Answered(ctx, key); err != nil || kept == nil || !strings.Contains(string(kept.Body), k.ID) {
		t.Errorf("got %+v, %v; want an answer with key %s", kept, err, k.ID)
	}
	all, err := json.Marshal(table.Items(t))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(all), k.Hash) || strings.Contains(string(all), k.Secret) {
		t.Errorf("got items %s, want the hash %s and no secret in them", all, k.Hash)
	}
}

func TestUpdateOrg_Settings(t *testing.T) {
	table := dynamotest.Open(t)
	id := table.Org(t, 0)
	before, err := table.Store.Org(ctx, id)
	if err != nil || before.AllowedOrigins != nil {
		t.Fatalf("got %+v, %v; want no allowed origins", before, err)
	}
	name := "name"
	for _, c := range []struct {
		patch identity.OrgPatch
		want  func(*identity.Org)
	}{
		{identity.OrgPatch{Name: &name}, func(o *identity.Org) { o.Name = name }},
		{identity.OrgPatch{AllowedOrigins: &[]string{"https://a"}}, func(o *identity.Org) { o.AllowedOrigins = []string{"https://a"} }},
		{identity.OrgPatch{AllowedOrigins: &[]string{}}, func(o *identity.Org) { o.AllowedOrigins = []string{} }},
		{identity.OrgPatch{AllowedOrigins: new([]string)}, func(o *identity.Org) { o.AllowedOrigins = nil }},
		{identity.OrgPatch{Name: new("b"), AllowedOrigins: new([]string)}, func(o *identity.Org) { o.Name = "b" }},
	} {
		c.want(&before)
		got, err := table.Store.UpdateOrg(ctx, nil, id, c.patch)
		read, readErr := table.Store.Org(ctx, id)
		if d := cmp.Diff([]identity.Org{before, before}, []identity.Org{got, read}); d != "" || err != nil || readErr != nil {
			t.Errorf("%v, %v (-want +got):\n%s", err, readErr, d)
		}
	}
	_, err = table.Store.UpdateOrg(ctx, nil, "nobody", identity.OrgPatch{Name: &name})
	wantCode(t, err, fault.NotFound)
}

func TestAttempt_Limit(t *testing.T) {
	table := dynamotest.Open(t)
	a := identity.Attempt{Name: "email u@example.com", Limit: 2, Ends: noon}
	try := func(a identity.Attempt, want bool) {
		t.Helper()
		if got, err := table.Store.Attempt(ctx, a); err != nil || got != want {
			t.Errorf("%+v: got %t, %v; want %t", a, got, err, want)
		}
	}
	try(a, true)
	try(a, true)
	try(a, false)
	try(a, false)
	// Other names and other windows have separate counts.
	try(identity.Attempt{Name: "email v@example.com", Limit: 2, Ends: noon}, true)
	try(identity.Attempt{Name: a.Name, Limit: 2, Ends: noon.Add(time.Minute)}, true)
	if err := table.Store.Forgive(ctx, a); err != nil {
		t.Fatal(err)
	}
	try(a, true)
	try(a, false)
	// Forgiving an attempt that was not counted does not make room.
	fresh := identity.Attempt{Name: "address 192.0.2.1", Limit: 1, Ends: noon}
	for range 3 {
		if err := table.Store.Forgive(ctx, fresh); err != nil {
			t.Fatal(err)
		}
	}
	try(fresh, true)
	try(fresh, false)
	for _, it := range table.Items(t) {
		if it["expires"] == nil {
			t.Errorf("got item %v, want one that expires", it)
		}
		if text, _ := json.Marshal(it); strings.Contains(string(text), "example.com") {
			t.Errorf("got item %s, want one without the address", text)
		}
	}
}
