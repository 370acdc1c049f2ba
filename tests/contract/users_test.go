package contract_test

import (
	"maps"
	"testing"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// addUsers creates users that no exchange changes: an owner and a member of the world's org, an
// owner of the other org, an org's only owner.
func (w *world) addUsers(t *testing.T, other string) {
	t.Helper()
	alone := w.Org(t, ledger.Credit)
	owner, member := w.users.User(t, w.Table, w.org, identity.Owner), w.users.User(t, w.Table, w.org, identity.Member)
	theirs, sole := w.users.User(t, w.Table, other, identity.Owner), w.users.User(t, w.Table, alone, identity.Owner)
	raw, stored := w.Key(t, other, "")
	maps.Copy(w.names, map[string]string{
		"SESSION": w.users.Session(t, owner), "OWNER": owner.ID, "OWNER_EMAIL": owner.Email,
		"MEMBER_SESSION": w.users.Session(t, member), "EXPIRED_SESSION": w.users.ExpiredSession(t, owner),
		"SOLE_SESSION": w.users.Session(t, sole), "SOLE": sole.ID,
		"OTHER_USER": theirs.ID, "OTHER_EMAIL": theirs.Email, "OTHER_KEY_ID": stored.ID,
		"OTHER_KEY": raw, "OTHER_SESSION": w.users.Session(t, theirs),
	})
}

// renewUsers creates the users and keys that exchanges change.
func (w *world) renewUsers(t *testing.T) {
	t.Helper()
	member, leaving := w.users.User(t, w.Table, w.org, identity.Member), w.users.User(t, w.Table, w.org, identity.Member)
	if _, err := w.Store.BeginRemoval(t.Context(), w.org, leaving.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	invited := w.users.User(t, w.Table, w.org, identity.Member)
	if err := w.users.SetPassword(t.Context(), invited.Email, "Temporary, as 1 is", false); err != nil {
		t.Fatal(err)
	}
	_, key := w.Key(t, w.org, "")
	maps.Copy(w.names, map[string]string{
		"MEMBER": member.ID, "MEMBER_EMAIL": member.Email, "SPARE_SESSION": w.users.Session(t, member),
		"LEAVING": leaving.ID, "LEAVING_EMAIL": leaving.Email, "INVITED_EMAIL": invited.Email, "KEY_ID": key.ID,
	})
}

// addOperators creates operators' keys, and an org whose credits and limits exchanges may change.
func (w *world) addOperators(t *testing.T, other string) {
	t.Helper()
	mint := func() identity.Key {
		k, err := identity.NewOperatorKey("test", w.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Store.CreateKey(t.Context(), nil, k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	revoked := mint()
	if err := w.Store.RevokeKey(t.Context(), nil, identity.OperatorOrg, revoked.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	maps.Copy(w.names, map[string]string{
		"OPERATOR_KEY": mint().Secret, "REVOKED_OPERATOR_KEY": revoked.Secret,
		"OTHER_ORG": other, "KEPT_ORG": w.Org(t, 1000*ledger.Credit),
	})
}
