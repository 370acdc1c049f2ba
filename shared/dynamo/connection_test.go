package dynamo_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func anAgent(t *testing.T, table dynamotest.Table, org string) string {
	t.Helper()
	a, draft := agent.New(org, "Shop", "", "You sell.", time.Now())
	if err := table.Store.CreateAgent(t.Context(), nil, a, draft); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func newConnection(org, agentID string) connection.Connection {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return connection.Connection{
		ID: connection.NewID(), OrgID: org, AgentID: agentID, Channel: connection.WhatsApp, Name: "Shop",
		Identifiers: map[string]string{"phone_number_id": "1"}, Settings: connection.DefaultSettings(),
		Credentials: 1, RotatedAt: now, CreatedAt: now, UpdatedAt: now,
	}
}

func connect(t *testing.T, table dynamotest.Table, c connection.Connection) {
	t.Helper()
	if err := table.Store.CreateConnection(t.Context(), nil, c, connection.Sealed{"app_secret": []byte("1"), "access_token": []byte("1")}); err != nil {
		t.Fatal(err)
	}
}

func TestCreateConnection_Bounded(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, ledger.Credit)
	agentID := anAgent(t, table, org)
	var made, refused atomic.Int64
	var all sync.WaitGroup
	for range connection.MaxConnections + 4 {
		all.Go(func() {
			switch err := table.Store.CreateConnection(t.Context(), nil, newConnection(org, agentID), connection.Sealed{}); {
			case err == nil:
				made.Add(1)
			case fault.Is(err, fault.Conflict):
				refused.Add(1)
			default:
				t.Errorf("got %v, want nil or Conflict", err)
			}
		})
	}
	all.Wait()
	listed, err := table.Store.Connections(t.Context(), org, "", 100)
	if err != nil || made.Load() != connection.MaxConnections || refused.Load() != 4 || len(listed) != connection.MaxConnections {
		t.Fatalf("got %d created, %d refused, %d listed connections, error %v; want %d, 4, %d", made.Load(), refused.Load(), len(listed), err, connection.MaxConnections, connection.MaxConnections)
	}
	if err := table.Store.DeleteConnection(t.Context(), nil, org, listed[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.DeleteConnection(t.Context(), nil, org, listed[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the second deletion: got %v, want NotFound", err)
	}
	if _, err := table.Store.Credentials(t.Context(), org, listed[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the credentials after the deletion: got %v, want NotFound", err)
	}
	connect(t, table, newConnection(org, agentID))
}

func TestCreateConnection_UnknownAgent(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, ledger.Credit), table.Org(t, ledger.Credit)
	err := table.Store.CreateConnection(t.Context(), nil, newConnection(org, anAgent(t, table, other)), connection.Sealed{})
	if err != connection.ErrNoAgent { //nolint:errorlint // the value itself
		t.Errorf("got %v, want %v", err, connection.ErrNoAgent)
	}
}

func TestConnection_Changes(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, ledger.Credit), table.Org(t, ledger.Credit)
	want := newConnection(org, anAgent(t, table, org))
	connect(t, table, want)
	check := func(step string, err error) {
		t.Helper()
		got, readErr := table.Store.Connection(t.Context(), org, want.ID)
		got.Revision = 0
		if d := cmp.Diff(want, got); err != nil || readErr != nil || d != "" {
			t.Fatalf("%s: %v, %v (-want +got):\n%s", step, err, readErr, d)
		}
	}
	check("created", nil)
	later := want.CreatedAt.Add(time.Hour)
	problem := connection.Problem{Code: "190", Message: "Expired.", Action: "Rotate the access token.", Since: later}
	want = want.Report(problem)
	check("reported", table.Store.ReportProblem(t.Context(), org, want.ID, 1, problem))
	check("reported again", table.Store.ReportProblem(t.Context(), org, want.ID, 1, connection.Problem{Code: "10", Since: later.Add(time.Hour)}))
	want = want.Rotate(later)
	_, err := table.Store.RotateCredentials(t.Context(), nil, org, want.ID, connection.Sealed{"access_token": []byte("2")}, later)
	check("rotated", err)
	sealed, err := table.Store.Credentials(t.Context(), org, want.ID)
	if d := cmp.Diff(connection.Sealed{"app_secret": []byte("1"), "access_token": []byte("2")}, sealed); err != nil || d != "" {
		t.Errorf("the credentials: %v (-want +got):\n%s", err, d)
	}
	check("late report about old credentials", table.Store.ReportProblem(t.Context(), org, want.ID, 1, problem))
	moved := anAgent(t, table, org)
	template := &connection.Template{Name: "hello", Language: "en"}
	for step, p := range []connection.Patch{
		{Name: new("Other"), Settings: connection.SettingsPatch{QuietSeconds: new(0), Fallback: &template, PublicURL: new("https://a.example")}},
		{Disabled: new(true)},
		{Disabled: new(false), AgentID: &moved},
	} {
		want = p.Apply(want, later)
		got, err := table.Store.UpdateConnection(t.Context(), nil, org, want.ID, p, later)
		got.Revision = 0
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("patch %d (-want +got):\n%s", step, d)
		}
		check("patched", err)
	}
	if _, err := table.Store.UpdateConnection(t.Context(), nil, other, want.ID, connection.Patch{Name: new("x")}, later); !fault.Is(err, fault.NotFound) {
		t.Errorf("another org: got %v, want NotFound", err)
	}
	if _, err := table.Store.RotateCredentials(t.Context(), nil, other, want.ID, connection.Sealed{"access_token": nil}, later); !fault.Is(err, fault.NotFound) {
		t.Errorf("another org rotates: got %v, want NotFound", err)
	}
}

// Deleting an agent disables its connections and no others. They are enabled again with
// another agent only.
func TestDeleteAgent_DisablesConnections(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, ledger.Credit)
	gone, kept := anAgent(t, table, org), anAgent(t, table, org)
	on, off, others := newConnection(org, gone), newConnection(org, gone), newConnection(org, kept)
	for _, c := range []connection.Connection{on, off, others} {
		connect(t, table, c)
	}
	if _, err := table.Store.UpdateConnection(t.Context(), nil, org, off.ID, connection.Patch{Disabled: new(true)}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.DeleteAgent(t.Context(), nil, org, gone); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]connection.Reason{on.ID: connection.AgentDeleted, off.ID: connection.ByOwner, others.ID: ""} {
		if c, err := table.Store.Connection(t.Context(), org, id); err != nil || c.Reason != want || c.Disabled != (want != "") {
			t.Errorf("got disabled %t, reason %q, %v, want reason %q", c.Disabled, c.Reason, err, want)
		}
	}
	enable := connection.Patch{Disabled: new(false)}
	if _, err := table.Store.UpdateConnection(t.Context(), nil, org, on.ID, enable, time.Now()); err != connection.ErrNoAgent { //nolint:errorlint // the value itself
		t.Errorf("enabled without an agent: got %v, want %v", err, connection.ErrNoAgent)
	}
	enable.AgentID = &kept
	if c, err := table.Store.UpdateConnection(t.Context(), nil, org, on.ID, enable, time.Now()); err != nil || c.Status() != connection.Active {
		t.Errorf("enabled with another agent: got %s, %v; want %s", c.Status(), err, connection.Active)
	}
}

// No connection of a deleted agent stays active, whatever is created, enabled or moved at
// the same time.
func TestDeleteAgent_ConcurrentBindings(t *testing.T) {
	table := dynamotest.Open(t)
	for range 12 {
		org := table.Org(t, ledger.Credit)
		gone, kept := anAgent(t, table, org), anAgent(t, table, org)
		off, moving := newConnection(org, gone), newConnection(org, kept)
		connect(t, table, off)
		connect(t, table, moving)
		if _, err := table.Store.UpdateConnection(t.Context(), nil, org, off.ID, connection.Patch{Disabled: new(true)}, time.Now()); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, change := range []func() error{
			func() error { return table.Store.DeleteAgent(t.Context(), nil, org, gone) },
			func() error {
				return table.Store.CreateConnection(t.Context(), nil, newConnection(org, gone), connection.Sealed{})
			},
			func() error {
				_, err := table.Store.UpdateConnection(t.Context(), nil, org, off.ID, connection.Patch{Disabled: new(false)}, time.Now())
				return err
			},
			func() error {
				_, err := table.Store.UpdateConnection(t.Context(), nil, org, moving.ID, connection.Patch{AgentID: &gone}, time.Now())
				return err
			},
		} {
			all.Go(func() {
				if err := change(); err != nil && err != connection.ErrNoAgent { //nolint:errorlint // the value itself
					t.Errorf("got %v, want nil or ErrNoAgent", err)
				}
			})
		}
		all.Wait()
		wantNoneActive(t, table.Store, org, gone)
	}
}

func wantNoneActive(t *testing.T, store *dynamo.Store, org, agentID string) {
	t.Helper()
	all, err := store.Connections(t.Context(), org, "", connection.MaxConnections)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.AgentID == agentID && !c.Disabled {
			t.Errorf("got an active connection of a deleted agent, want it disabled: %+v", c)
		}
	}
}

// cut lets a number of calls through. The function dies before the next one, or when the
// answer to the last one is on its way.
type cut struct {
	left atomic.Int64
	lost bool // the last answer
}

func (c *cut) RoundTrip(r *http.Request) (*http.Response, error) {
	left := c.left.Add(-1)
	if left < 0 {
		return nil, context.Canceled
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && left == 0 && c.lost {
		_ = res.Body.Close()
		return nil, context.Canceled
	}
	return res, err
}

// A function that dies at any call of a deletion leaves either the agent with its active
// connections or neither.
func TestDeleteAgent_KilledAtEachCall(t *testing.T) {
	table := dynamotest.Open(t)
	for _, lost := range []bool{false, true} {
		deleted := false
		for calls := int64(0); !deleted && calls < 10; calls++ {
			org := table.Org(t, ledger.Credit)
			agentID := anAgent(t, table, org)
			made := []connection.Connection{newConnection(org, agentID), newConnection(org, agentID)}
			for _, c := range made {
				connect(t, table, c)
			}
			dying := &cut{lost: lost}
			dying.left.Store(calls)
			err := table.Beside(dynamotest.Through(dying), dynamotest.Eager()).Store.DeleteAgent(t.Context(), nil, org, agentID)
			_, gone := table.Store.Agent(t.Context(), org, agentID)
			deleted = fault.Is(gone, fault.NotFound)
			if wantErr := lost || !deleted; wantErr != (err != nil) {
				t.Errorf("%d calls: got error %v from the deletion, want one: %t; the agent is there: %v", calls, err, wantErr, gone)
			}
			for _, c := range made {
				got, err := table.Store.Connection(t.Context(), org, c.ID)
				if err != nil || got.Disabled != deleted {
					t.Errorf("%d calls: got the connection disabled: %t, %v; want %t as the agent is deleted", calls, got.Disabled, err, deleted)
				}
			}
		}
		if !deleted {
			t.Error("got no deletion, want at least one")
		}
	}
}
