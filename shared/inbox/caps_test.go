package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// A turn that its agent's caps leave no room for is not tried again. Its message shows in the
// thread with the reason, and blocks no later one.
func TestWorker_CappedTurn(t *testing.T) {
	d := openDesk(t)
	configure := func(credits ledger.Credits) {
		t.Helper()
		draft, err := d.Store.ChangeDraft(t.Context(), nil, d.org, d.connection.AgentID, d.now(), func(v *agent.Version) error {
			v.Settings.Caps.Credits = credits
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Store.DeployVersion(t.Context(), nil, d.org, d.connection.AgentID, draft.ID, d.now()); err != nil {
			t.Fatal(err)
		}
	}
	configure(agent.MinCredits)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	turns := d.turns("316")
	if len(turns) != 1 || turns[0].User != "hello" || turns[0].Unanswered != "The turn reached a limit of its agent: caps.credits is 0.001" {
		t.Fatalf("got %+v, want the message with the reason", turns)
	}
	want(t, "sent", []string{}, d.phone.texts())
	configure(0)
	d.receive(d.message("m2", "316", "well?"))
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: well?"}, d.phone.texts())
}
