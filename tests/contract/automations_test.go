package contract_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// runs returns runs of automations with each type of step that reaches somebody.
func (w *world) runs(t *testing.T) []any {
	t.Helper()
	id := func(name string) string { return w.names[name] }
	runs := []any{
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "http", "url": %q, "secret_headers": {"X-Key": "k_5f2b"}}, {"id": "b", "type": "wait", "seconds": 60}`, id("TOOL_URL")+"/orders")),
		w.run(t, w.org, `{"id": "a", "type": "http", "url": "http://10.0.0.1/"}`),
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "agent", "agent_id": %q, "prompt": %q}`, id("HANDY_AGENT"), aToolCall)),
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "agent", "agent_id": %q, "prompt": "[[throttle]]"}`, id("AGENT"))),
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "agent", "agent_id": %q, "prompt": "[[words 2000]]"}`, id("AGENT"))),
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "agent", "agent_id": %q, "prompt": "hi"}`, id("OWN_KEY_AGENT"))),
		w.run(t, w.org, fmt.Sprintf(`{"id": "a", "type": "agent", "agent_id": %q, "prompt": "hi"}`, id("OWN_ROLE_AGENT"))),
		w.run(t, w.shop, fmt.Sprintf(`{"id": "a", "type": "template", "connection_id": %q, "to": "+31612345678", "name": "hello", "language": "en"}`, id("WHATSAPP"))),
		w.run(t, w.shop, fmt.Sprintf(`{"id": "a", "type": "message", "connection_id": %q, "to": "+31612345678", "text": "hello"}`, id("TWILIO"))),
		w.run(t, w.shop, fmt.Sprintf(`{"id": "a", "type": "message", "connection_id": %q, "to": "carl@example.com", "subject": "Shoes", "text": "hello"}`, id("EMAIL"))),
		w.run(t, w.shop, fmt.Sprintf(`{"id": "a", "type": "message", "connection_id": %q, "to": "2001", "text": "hello"}`, id("MESSENGER"))),
		w.crowdedRun(t),
	}
	c := inbox.Contact{ID: connection.NewID(), OrgID: w.shop, ConnectionID: id("MESSENGER"), Channel: connection.Messenger, Person: channel.Person{Address: "2001"}, LastSeen: w.Now()}
	if _, err := dynamotest.Chat(t.Context(), w.Store, id("AGENT"), c, w.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	return runs
}

// run stores a run of steps, with sealed secrets.
func (w *world) run(t *testing.T, org, steps string) automation.Ref {
	t.Helper()
	parsed, err := automation.Parse([]byte(`{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [`+steps+`]}`), event.Types)
	if err != nil {
		t.Fatal(err)
	}
	a := automation.Automation{ID: automation.NewID(), OrgID: org, Name: "Orders", CreatedAt: w.Now(), UpdatedAt: w.Now(), Revision: 1}
	a.Draft = automation.Draft{Definition: parsed.Definition, Secrets: automation.Secrets{}}
	for name, plain := range parsed.Plain {
		sealed, err := tools.Keys(w.deps(dynamotest.Endpoint(), "")).SealAutomationSecret(t.Context(), org, a.ID, name, plain)
		if err != nil {
			t.Fatal(err)
		}
		a.Draft.Secrets[name] = sealed
	}
	a.Published = &automation.Published{Draft: a.Draft, Version: 1, At: w.Now()}
	if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	r := a.Start(automation.NewID(), automation.BySchedule, json.RawMessage(`{}`), w.Now())
	if created, err := w.Store.CreateRun(t.Context(), r); err != nil || !created {
		t.Fatalf("got %t, %v, want a run", created, err)
	}
	return r.Ref
}

// crowdedRun stores a run of an org that has all its slots taken.
func (w *world) crowdedRun(t *testing.T) automation.Ref {
	t.Helper()
	org := w.Org(t, 0)
	for range work.AutomationSlots {
		place := work.Place{OrgID: org, Stage: work.Automations}
		if _, ok, err := w.Store.ClaimSlot(t.Context(), place, w.Now(), w.Now().Add(time.Minute)); err != nil || !ok {
			t.Fatalf("got %t, %v, want a slot", ok, err)
		}
	}
	return w.run(t, org, `{"id": "a", "type": "set", "values": {"x": "1"}}`)
}
