package automations_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// An effect happens once although days pass until its worker's successor takes the step again:
// longer than the keys of clients are kept.
func TestEffects_OnceAfterDays(t *testing.T) {
	h := openHall(t)
	w := h.world(t)
	run := automation.Run{Ref: automation.Ref{OrgID: w.org, AutomationID: "a", ID: "r"}}
	effects := w.process(mortal.Immortal()).Effects
	for _, s := range []automation.Step{
		{ID: "ask", Type: automation.Agent, AgentID: w.agent.ID, Prompt: "order 4711", ThreadID: "order-4711"},
		{ID: "note", Type: automation.SendTemplate, ConnectionID: w.connection.ID, To: w.person, Name: "order", Language: "en", Parameters: map[string]string{"1": "a", "2": "b"}},
	} {
		at := automation.Position{Path: s.ID, Step: s, Data: map[string]any{}}
		var first string
		for range 3 {
			_, output, err := effects.Do(t.Context(), run, at, run.EffectID(s.ID))
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(output)
			}
			if string(output) != first {
				t.Errorf("%s: got the output %s, want the first one again: %s", s.ID, output, first)
			}
			w.sleep(10 * 24 * time.Hour)
		}
	}
	w.checkTurn(t)
	sent := 0
	for _, m := range w.meta.Accepted() {
		if m.To == w.person {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("got %d templates at Meta, want 1", sent)
	}
}
