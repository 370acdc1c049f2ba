package inbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
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

// slowed is the refusal of a provider that slows an account down, because people report it.
func slowed() *channel.SendError {
	return &channel.SendError{
		Kind: channel.Throttled, Code: 131048, Message: "Spam rate limit hit", Action: "Write to fewer people.", RetryAfter: 15 * time.Minute,
	}
}

// A provider that slows an account down needs its owner's attention, and messages wait. The
// problem is over when sends have succeeded for a while.
func TestWorker_Slowed(t *testing.T) {
	d := openDesk(t)
	refusals := 2
	d.phone.fail = func(n int) error {
		if n <= refusals {
			return slowed()
		}
		return nil
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	c := d.read()
	if c.Status() != connection.NeedsAttention || c.Stops() {
		t.Fatalf("got %s, stops %t; want needs_attention that does not stop", c.Status(), c.Stops())
	}
	want(t, "problem", connection.Problem{Code: connection.QualityLimit, Message: "Spam rate limit hit (code 131048)", Action: "Write to fewer people."},
		connection.Problem{Code: c.Problem.Code, Message: c.Problem.Message, Action: c.Problem.Action})
	d.drain(45 * time.Minute)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
	want(t, "status within the hour", connection.NeedsAttention, d.read().Status())
	d.sleep(time.Hour)
	d.receive(d.message("m2", "316", "again"))
	d.drain(time.Minute)
	want(t, "status later", connection.Active, d.read().Status())
}

// Providers also report that later, by the status of a message that they accepted.
func TestReceiver_Slowed(t *testing.T) {
	for name, c := range map[string]struct {
		age  time.Duration
		want connection.Status
	}{"now": {0, connection.NeedsAttention}, "redelivered late": {2 * time.Hour, connection.Active}} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			d.receive(channel.Update{Account: "1", Status: &channel.Status{
				MessageID: "out-1", Ref: d.phone.sent[0].Ref, State: channel.Failed, At: d.now().Add(-c.age), Failure: slowed(),
			}})
			want(t, "state", channel.Failed, d.reply().Parts[0].State)
			want(t, "status", c.want, d.read().Status())
		})
	}
}

// A problem that stops the connection replaces one that passes, and no other way round.
func TestWorker_StoppedAfterTrouble(t *testing.T) {
	d := openDesk(t)
	d.phone.fail = func(n int) error {
		if n == 1 {
			return slowed()
		}
		return &channel.SendError{Kind: channel.Stopped, Code: 190, Message: "Token expired"}
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Hour)
	want(t, "problem", "190", d.read().Problem.Code)
	if err := d.Store.ReportProblem(t.Context(), d.org, d.connection.ID, 1, connection.Problem{Code: connection.NoCredits, Since: d.now()}); err != nil {
		t.Fatal(err)
	}
	want(t, "problem that stays", "190", d.read().Problem.Code)
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
