package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/model"
)

// down is a model that is not reachable for a number of requests.
type down struct {
	model.Provider

	left int
}

func (m *down) Converse(ctx context.Context, r model.Request) (model.Reply, error) {
	if m.left--; m.left >= 0 {
		return model.Reply{}, model.Busy(0, nil)
	}
	return m.Provider.Converse(ctx, r)
}

// A model that is down for a while shows in the connection. When it is back, the messages are
// answered.
func TestWorker_ModelDown(t *testing.T) {
	d := openDesk(t)
	d.engine.Model = &down{d.engine.Model, 4}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(2 * time.Minute)
	want(t, "problem", connection.ModelUnavailable, d.read().Problem.Code)
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
	want(t, "no problem", true, d.read().Problem == nil)
}

// An agent without a deployed version answers when it has one.
func TestWorker_NotDeployed(t *testing.T) {
	d := openDesk(t)
	a, draft := d.Draft(t, d.org, "be brief")
	if _, err := d.Store.UpdateConnection(t.Context(), nil, d.org, d.connection.ID, connection.Patch{AgentID: &a.ID}, d.now()); err != nil {
		t.Fatal(err)
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(2 * time.Minute)
	want(t, "problem", connection.AgentNotDeployed, d.read().Problem.Code)
	if _, err := d.Store.DeployVersion(t.Context(), nil, d.org, a.ID, draft.ID, d.now()); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
	want(t, "no problem", true, d.read().Problem == nil)
}

// A disabled connection answers nothing. Enabled in time, it answers what came meanwhile.
func TestWorker_Disabled(t *testing.T) {
	d := openDesk(t)
	for _, disabled := range []bool{true, false} {
		if _, err := d.Store.UpdateConnection(t.Context(), nil, d.org, d.connection.ID, connection.Patch{Disabled: &disabled}, d.now()); err != nil {
			t.Fatal(err)
		}
		if disabled {
			d.receive(d.message("m1", "316", "hello"))
		}
		want(t, "sent", []string{}, d.phone.texts())
		d.drain(time.Hour)
	}
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
}

// A message on which every turn fails is given up after a while, and blocks no later one.
func TestWorker_Poison(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "[[fail]]"))
	d.drain(time.Minute)
	d.receive(d.message("m2", "316", "hello"))
	d.drain(3 * time.Hour)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
	want(t, "thread", [][2]string{{"[[fail]]", ""}, {"hello", "You said: hello"}}, said(d.turns("316")))
}
