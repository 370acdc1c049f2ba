package automation_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

func TestPublish(t *testing.T) {
	a := automation.Automation{OrgID: "o", ID: "i"}
	edit(t, &a, parsed(t, aWebhook, aRequest))
	if got := a.Status(); got != automation.StatusDraft || a.Path() != "" || a.WebhookURL("https://x") != "https://x/api/webhooks/automations/new-orders" {
		t.Errorf("before: got %s, path %q, URL %s", got, a.Path(), a.WebhookURL("https://x"))
	}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for version := 1; version <= 2; version++ {
		if err := a.Publish(now); err != nil {
			t.Fatal(err)
		}
		if got := a.Published; got.Version != version || !got.At.Equal(now) || !cmp.Equal(got.Draft, a.Draft) || a.Status() != automation.StatusPublished {
			t.Errorf("got %+v and status %s, want the draft as version %d", got, a.Status(), version)
		}
	}
	published := *a.Published
	edit(t, &a, parsed(t, `{"type": "webhook", "path": "old-orders", "verify": {"type": "bearer", "secret": "0123456789abcdef"}}`, `{"id": "w", "type": "wait", "seconds": 1}`))
	if d := cmp.Diff(published, *a.Published); d != "" || a.WebhookURL("") != "/api/webhooks/automations/new-orders" {
		t.Errorf("after a change of the draft: got the URL %s, and (-want +got):\n%s", a.WebhookURL(""), d)
	}
	if err := a.Disable(true, now); err != nil || a.Status() != automation.StatusDisabled || a.Path() != "new-orders" {
		t.Errorf("disabled: got %v, status %s, path %q, want it to keep its path", err, a.Status(), a.Path())
	}
}

// The time of the next run changes with the schedule, and with nothing else.
func TestPublish_Due(t *testing.T) {
	const daily = `{"type": "schedule", "cron": "30 9 * * *", "timezone": "Europe/Berlin"}`
	a := automation.Automation{OrgID: "o", ID: "i"}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, time.UTC) }
	for _, step := range []struct {
		name string
		do   func() error
		want time.Time
	}{
		{"a schedule", func() error { edit(t, &a, parsed(t, daily, aRequest)); return nil }, time.Time{}},
		{"published", func() error { return a.Publish(now) }, at(1, 8, 30)},
		{"again, later", func() error { now = at(1, 9, 0); return a.Publish(now) }, at(1, 8, 30)},
		{"disabled", func() error { return a.Disable(true, now) }, time.Time{}},
		{"published while disabled", func() error { return a.Publish(now) }, time.Time{}},
		{"enabled", func() error { return a.Disable(false, now) }, at(2, 8, 30)},
		{"enabled again", func() error { now = at(2, 12, 0); return a.Disable(false, now) }, at(2, 8, 30)},
		{"another schedule", func() error { edit(t, &a, parsed(t, anHour, aRequest)); return nil }, at(2, 8, 30)},
		{"its publish", func() error { return a.Publish(now) }, at(2, 13, 0)},
		{"no schedule", func() error { edit(t, &a, parsed(t, aWebhook, aRequest)); return a.Publish(now) }, time.Time{}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if !a.Due.Equal(step.want) {
			t.Errorf("%s: got the next run at %s, want %s", step.name, a.Due, step.want)
		}
	}
}

// directory has agents and connections.
type directory struct{}

func (directory) Live(_ context.Context, _, id string) (agent.Live, error) {
	switch id {
	case "deployed", "slug":
		return agent.Live{AgentID: "deployed", Deployed: &agent.VersionRef{}}, nil
	case "draft":
		return agent.Live{AgentID: id}, nil
	case "deleted":
		return agent.Live{AgentID: id, Deployed: &agent.VersionRef{}, Deleted: true}, nil
	}
	return agent.Live{}, agent.ErrNotFound
}

func (directory) Connection(_ context.Context, _, id string) (connection.Connection, error) {
	switch id {
	case "whatsapp", "email":
		return connection.Connection{Channel: connection.Channel(id)}, nil
	case "disabled":
		return connection.Connection{Channel: connection.WhatsApp, Disabled: true}, nil
	}
	return connection.Connection{}, connection.ErrNotFound
}

func TestCheckNames(t *testing.T) {
	ask := func(id string) string {
		return `{"id": "ask", "type": "agent", "agent_id": "` + id + `", "prompt": "x"}`
	}
	tell := func(id string) string {
		return `{"id": "w", "type": "wait", "seconds": 1}, {"id": "c", "type": "condition", "if": {"left": "vars.x", "op": "exists"}, "else": [{"id": "tell", "type": "message", "connection_id": "` + id + `", "to": "1", "text": "x"}]}`
	}
	remind := func(id string) string {
		return `{"id": "remind", "type": "template", "connection_id": "` + id + `", "to": "1", "name": "x", "language": "en"}`
	}
	of := func(id string) string {
		return `{"type": "event", "event": "turn.completed", "agent_id": "` + id + `"}`
	}
	for _, test := range []struct{ name, trigger, steps, want string }{
		{"an agent", anHour, ask("Deployed"), ""},
		{"no agent", anHour, ask("none"), "steps[0].agent_id must be the id of an agent"},
		{"a slug", anHour, ask("slug"), "steps[0].agent_id must be the id of the agent, deployed, and not its slug"},
		{"no id", anHour, ask("../x"), "steps[0].agent_id must be the id of an agent"},
		{"a deleted agent", anHour, ask("deleted"), "steps[0].agent_id must be the id of an agent"},
		{"an agent without a version", anHour, ask("draft"), "steps[0].agent_id must be the id of an agent with a deployed version"},
		{"a message by mail", anHour, tell("email"), ""},
		{"no connection", anHour, tell("none"), "steps[1].else[0].connection_id must be the id of a connection"},
		{"a disabled connection", anHour, tell("disabled"), "steps[1].else[0].connection_id must be the id of a connection that is not disabled"},
		{"a template", anHour, remind("whatsapp"), ""},
		{"a template by mail", anHour, remind("email"), "steps[0].connection_id must be the id of a WhatsApp connection, because only WhatsApp has templates"},
		{"events of an agent", of("draft"), ask("deployed"), ""},
		{"events of no agent", of("none"), ask("deployed"), "trigger.agent_id must be the id of an agent"},
	} {
		err := parsed(t, test.trigger, test.steps).CheckNames(t.Context(), directory{}, "o")
		if got := fault.From(err); (test.want == "") != (err == nil) || err != nil && got.Message != test.want {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}
