package dynamo_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
)

var ctx = context.Background()

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("got error %v, want code %s", err, code)
	}
}

// A draft is deployed, the next one replaces it, and a rollback deploys it again.
func TestDeployVersion_ArchivesPrevious(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, first := table.Draft(t, org, "one")

	live, err := table.Store.Live(ctx, org, a.Slug)
	if err != nil || live.Deployed != nil {
		t.Fatalf("got draft %+v, %v; want it not deployed", live, err)
	}
	deploy := func(id string) {
		t.Helper()
		if _, err := table.Store.DeployVersion(ctx, nil, org, a.ID, id, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	want := func(instructions string, statuses ...agent.Status) {
		t.Helper()
		for _, name := range []string{a.ID, a.Slug} {
			live, err := table.Store.Live(ctx, org, name)
			if err != nil || live.Instructions != instructions {
				t.Fatalf("live as %s: got %+v, %v; want instructions %q", name, live, err, instructions)
			}
		}
		versions, err := table.Store.Versions(ctx, org, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []agent.Status
		for _, v := range versions {
			got = append(got, v.Status)
		}
		if d := cmp.Diff(statuses, got); d != "" {
			t.Fatalf("versions, newest first (-want +got):\n%s", d)
		}
	}
	deploy(first.ID)
	want("one", agent.Deployed)

	two := "two"
	if _, err := table.Store.UpdateAgent(ctx, nil, org, a.ID, agent.Patch{Instructions: &two}, time.Now()); err != nil {
		t.Fatal(err)
	}
	want("one", agent.Draft, agent.Deployed)
	versions, _ := table.Store.Versions(ctx, org, a.ID)
	if versions[0].Label != "v1.1" || versions[1].Label != "v1.0" {
		t.Fatalf("got labels %+v, want v1.1, v1.0", versions)
	}
	deploy(versions[0].ID)
	deploy(versions[0].ID) // again changes nothing
	want("two", agent.Deployed, agent.Archived)
	deploy(first.ID)
	want("one", agent.Archived, agent.Deployed)

	_, err = table.Store.DeployVersion(ctx, nil, org, a.ID, "v-nope", time.Now())
	wantCode(t, err, fault.NotFound)
}

func TestDeleteAgent_LeavesTombstone(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, kept := table.Agent(t, org, "x"), table.Agent(t, org, "y")
	if err := table.Store.DeleteAgent(ctx, nil, org, a.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, table.Store.DeleteAgent(ctx, nil, org, a.ID), fault.NotFound)
	_, err := table.Store.Agent(ctx, org, a.ID)
	wantCode(t, err, fault.NotFound)
	for _, name := range []string{a.ID, a.Slug} {
		live, err := table.Store.Live(ctx, org, name)
		if err != nil || !live.Deleted || live.Instructions != "" {
			t.Fatalf("live as %s: got %+v, %v; want it deleted, without instructions", name, live, err)
		}
	}
	agents, total, err := table.Store.Agents(ctx, org, 0, 10)
	if err != nil || total != 1 || len(agents) != 1 || agents[0].ID != kept.ID {
		t.Fatalf("got agents %+v, %d, %v; want only %s", agents, total, err, kept.ID)
	}
}

func TestAgents_NewestFirst(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, 0), table.Org(t, 0)
	table.Draft(t, other, "not mine")
	var ids []string
	for range 7 {
		a, _ := table.Draft(t, org, "x")
		ids = append([]string{a.ID}, ids...)
	}
	for _, c := range []struct{ offset, limit, lo, hi int }{{0, 3, 0, 3}, {3, 3, 3, 6}, {6, 3, 6, 7}, {7, 3, 7, 7}, {100, 3, 7, 7}, {0, 100, 0, 7}} {
		t.Run(fmt.Sprintf("%d from %d", c.limit, c.offset), func(t *testing.T) {
			agents, total, err := table.Store.Agents(ctx, org, c.offset, c.limit)
			if err != nil || total != 7 {
				t.Fatalf("got total %d, %v; want 7", total, err)
			}
			got := []string{}
			for _, a := range agents {
				got = append(got, a.ID)
			}
			if d := cmp.Diff(ids[c.lo:c.hi], got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Overlapping changes all take effect, one after the other.
func TestUpdateAgent_ConcurrentChanges(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, _ := table.Draft(t, org, "x")
	const writers = 4
	done := make(chan error, writers)
	for i := range writers {
		go func() {
			text := fmt.Sprint(i)
			_, err := table.Store.UpdateAgent(ctx, nil, org, a.ID, agent.Patch{Instructions: &text}, time.Now())
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	versions, err := table.Store.Versions(ctx, org, a.ID)
	if err != nil || len(versions) != 1+writers {
		t.Fatalf("got %d versions, %v; want %d", len(versions), err, 1+writers)
	}
}

func TestAgent_OtherOrg(t *testing.T) {
	table := dynamotest.Open(t)
	mine, theirs := table.Org(t, 0), table.Org(t, 0)
	a := table.Agent(t, theirs, "secret")
	name := "mine now"
	for what, err := range map[string]error{
		"get":    second(table.Store.Agent(ctx, mine, a.ID)),
		"live":   second(table.Store.Live(ctx, mine, a.Slug)),
		"update": second(table.Store.UpdateAgent(ctx, nil, mine, a.ID, agent.Patch{Name: &name}, time.Now())),
		"deploy": second(table.Store.DeployVersion(ctx, nil, mine, a.ID, a.Deployed.ID, time.Now())),
		"delete": table.Store.DeleteAgent(ctx, nil, mine, a.ID),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: got %v, want NotFound", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Many concurrent changes of an agent all take effect, one after the other.
func TestUpdateAgent_ManyConcurrentChanges(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, _ := table.Draft(t, org, "one")
	const many = 64
	errs := make(chan error, many)
	for i := range many {
		go func() {
			name := fmt.Sprintf("name %d", i)
			_, err := table.Store.UpdateAgent(ctx, nil, org, a.ID, agent.Patch{Name: &name}, time.Now())
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	after, err := table.Store.Agent(ctx, org, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.Revision - a.Revision; int(got) != many {
		t.Errorf("got %d changes, want %d", got, many)
	}
}

// overtaken changes a row before each transaction, so that the transaction comes too late.
type overtaken struct {
	change   func()
	attempts atomic.Int64
}

func (o *overtaken) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		o.attempts.Add(1)
		o.change()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A change that loses every attempt to another one is refused, and changes nothing.
func TestUpdateAgent_AlwaysOvertaken(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	a, _ := table.Draft(t, org, "one")
	rename := func(s *dynamo.Store, name string) error {
		return second(s.UpdateAgent(ctx, nil, org, a.ID, agent.Patch{Name: &name}, time.Now()))
	}
	others := &overtaken{change: func() {
		if err := rename(table.Store, "theirs"); err != nil {
			t.Error(err)
		}
	}}
	late := table.Beside(dynamotest.Through(others), dynamotest.Contention(100*time.Millisecond))
	err := rename(late.Store, "mine")
	if e := fault.From(err); e.Code != fault.Conflict || e.RetryAfter != time.Second {
		t.Errorf("got %v, Retry-After %s; want Conflict after 1 s", err, e.RetryAfter)
	}
	after, err := table.Store.Agent(ctx, org, a.ID)
	if made := after.Revision - a.Revision; err != nil || after.Name != "theirs" || made != others.attempts.Load() || made == 0 {
		t.Errorf("got name %q after %d changes and %d attempts, error %v; want theirs, one change for each attempt", after.Name, made, others.attempts.Load(), err)
	}
}
