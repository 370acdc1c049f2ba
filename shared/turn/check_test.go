package turn_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Check caches an agent that can run turns; refusals are never cached.
func TestCheck(t *testing.T) {
	r := newRig(t, ledger.Credit)
	now := r.Now()
	r.engine.Now = func() time.Time { return now }
	draft, version := r.Draft(t, r.org, "not yet")
	in := func(idOrSlug string) turn.Input {
		return turn.Input{Caller: identity.Caller{OrgID: r.org, KeyID: "key"}, Agent: idOrSlug, Text: "hi", Channel: "test"}
	}
	want := func(what string, in turn.Input, agentID string, code fault.Code, reads int) {
		t.Helper()
		r.trace.reset(0)
		got, err := r.engine.Check(t.Context(), in)
		if err == nil && (got != agentID || code != "") || err != nil && fault.From(err).Code != code || len(r.trace.events) != reads {
			t.Errorf("%s: got %q, %v, reads %v; want %q or code %q after %d", what, got, err, r.trace.events, agentID, code, reads)
		}
	}
	want("an agent", in(r.agent.Slug), r.agent.ID, "", 1)
	want("the same", in(r.agent.Slug), r.agent.ID, "", 0)
	bound, theirs := in(r.agent.Slug), in(r.agent.Slug)
	bound.Caller.AgentID, theirs.Caller.OrgID = draft.ID, r.Org(t, 0)
	want("for a key of another agent", bound, "", fault.Forbidden, 0)
	want("for another org", theirs, "", fault.NotFound, 1)
	inThread := in(r.agent.Slug)
	inThread.ThreadID = r.thread.ID
	want("in its thread", inThread, r.agent.ID, "", 1)
	want("nothing", in("a b"), "", fault.NotFound, 0)

	want("a draft", in(draft.ID), "", fault.NotDeployed, 1)
	bound = in(draft.ID)
	bound.Caller.AgentID = r.agent.ID
	want("a draft for a key of another agent", bound, "", fault.Forbidden, 1)
	if _, err := r.Store.DeployVersion(t.Context(), nil, r.org, draft.ID, version.ID, now); err != nil {
		t.Fatal(err)
	}
	want("once it is deployed", in(draft.ID), draft.ID, "", 1)
	if err := r.Store.DeleteAgent(t.Context(), nil, r.org, draft.ID); err != nil {
		t.Fatal(err)
	}
	now = now.Add(5 * time.Second)
	want("five seconds after it was deleted", in(draft.ID), "", fault.Gone, 1)
}
