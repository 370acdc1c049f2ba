// Package script_test runs the product end to end: each file in testdata has a sequence of requests and
// their exact answers. Its name begins with the surface that it tests. `go test ./tests/script -update`
// rewrites the answers.
package script_test

import (
	"errors"
	"flag"
	"net/http"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

var update = flag.Bool("update", false, "rewrite the expected answers")

func TestMain(m *testing.M) { rig.Main(m) }

func TestScripts(t *testing.T) {
	r := rig.Start(t, 0)
	// This must precede all log-ins, and scripts run in parallel.
	expired := r.Users.ExpiredSession(t, r.Users.User(t, r.Table, r.Org, identity.Owner))
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			if err := setUp(t, r, env); err != nil {
				return err
			}
			setUpUsers(t, r, env, expired)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"call":      call,
			"capture":   capture,
			"snapshot":  snapshot,
			"unchanged": unchanged,
			"balance":   balance,
			"soon":      soon,
			"token":     token,
			"password":  password,
			"receiver":  receive,
			"callback":  callback,
			"tools":     toolServer,
			"signed":    signed,
			"until":     until,
			"standing":  standing,
			"dated":     dated,
			"monthly":   monthly,
			"settle":    settle,
			"hold":      hold,
			"running":   running,
			"logged":    logged,
		},
	})
}

// setUp creates a script's org, with a deployed agent and a thread, another org that it must never see,
// and keys of every kind.
func setUp(t *testing.T, r *rig.Rig, env *testscript.Env) error {
	org, other, empty := r.Table.Org(t, ledger.Credit), r.Table.Org(t, ledger.Credit), r.Table.Org(t, 0)
	agent, second, theirs := r.Table.Agent(t, org, "be brief"), r.Table.Agent(t, org, "be kind"), r.Table.Agent(t, other, "be secret")
	draft, version := r.Table.Draft(t, org, "not yet")
	broke := r.Table.Agent(t, empty, "be brief")
	full := r.Table.Org(t, ledger.Credit, func(a *ledger.Account) { a.Limits.MaxConcurrentTurns = 0 })
	key := func(orgID, agentID string) string { raw, _ := r.Table.Key(t, orgID, agentID); return raw }
	operator, err := identity.NewOperatorKey("test", r.Now())
	if err != nil {
		return err
	}
	revoked, stored := r.Table.Key(t, org, "")
	if err := errors.Join(r.Store.RevokeKey(t.Context(), nil, org, stored.ID, r.Now()), r.Store.CreateKey(t.Context(), nil, operator)); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"URL": r.Runner.URL(), "ORG": org,
		"KEY": key(org, ""), "BOUND_KEY": key(org, agent.ID), "OTHER_KEY": key(other, ""), "EMPTY_KEY": key(empty, ""), "REVOKED_KEY": revoked,
		"FULL_KEY": key(full, ""), "FULL_AGENT": r.Table.Agent(t, full, "be brief").ID, "EMPTY_AGENT": broke.ID,
		"AGENT": agent.ID, "SLUG": agent.Slug, "VERSION": agent.Deployed.ID, "SECOND_AGENT": second.ID, "SECOND_SLUG": second.Slug, "OTHER_AGENT": theirs.ID,
		"DRAFT_AGENT": draft.ID, "DRAFT_VERSION": version.ID,
		"THREAD": r.Table.Thread(t, agent).ID, "SECOND_THREAD": r.Table.Thread(t, second).ID, "OTHER_THREAD": r.Table.Thread(t, theirs).ID,
		"OTHER_ORG": other, "DRAFT_THREAD": r.Table.Thread(t, draft).ID, "EMPTY_THREAD": r.Table.Thread(t, broke).ID,
		"OPERATOR_KEY": operator.Secret, "FOUNDER_EMAIL": "founder-" + org + "@example.com",
	} {
		env.Setenv(name, value)
	}
	env.Values[stateKey{}] = &state{rig: r, org: org, client: &http.Client{}}
	return nil
}

// setUpUsers creates an owner and a member of the script's org, an owner of the other org, and their
// sessions.
func setUpUsers(t *testing.T, r *rig.Rig, env *testscript.Env, expired string) {
	org, other := env.Getenv("ORG"), env.Getenv("OTHER_ORG")
	owner, member := r.Users.User(t, r.Table, org, identity.Owner), r.Users.User(t, r.Table, org, identity.Member)
	theirs := r.Users.User(t, r.Table, other, identity.Owner)
	_, key := r.Table.Key(t, org, "")
	_, theirKey := r.Table.Key(t, other, "")
	for name, value := range map[string]string{
		"OWNER": owner.ID, "OWNER_EMAIL": owner.Email, "SESSION": r.Users.Session(t, owner),
		"MEMBER": member.ID, "MEMBER_EMAIL": member.Email, "MEMBER_SESSION": r.Users.Session(t, member),
		"OTHER_OWNER": theirs.ID, "OTHER_EMAIL": theirs.Email, "OTHER_SESSION": r.Users.Session(t, theirs),
		"EXPIRED_SESSION": expired, "PASSWORD": cognitotest.Password, "KEY_ID": key.ID, "OTHER_KEY_ID": theirKey.ID,
	} {
		env.Setenv(name, value)
	}
}
