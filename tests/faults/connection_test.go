package faults_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
)

// The deletion of an agent and all that follows it die at each of their calls of the table,
// the queue and the receiver, before the call is made or before its answer arrives. The agent
// and its active connections go together, and each connection has one event.
func TestConnectionDisabled_DiesAnywhere(t *testing.T) {
	for _, made := range []bool{false, true} {
		for calls, lived := 0, false; !lived; calls++ {
			t.Run(fmt.Sprintf("after %d calls, the last is made: %t", calls, made), func(t *testing.T) {
				r := newEventRig(t, &life{immortal: true})
				whole := r.Beside()
				gone := r.connected(t, whole)
				before := whole.Items(t)
				r.life.immortal, r.life.left, r.life.made = false, calls, made
				_ = r.Store.DeleteAgent(t.Context(), nil, r.org, gone) // dies, or not
				r.changes = r.changed(t, whole, before)
				r.wantTogether(t, whole, gone)
				r.follow(t, r.changes)
				r.work(t)
				lived = !r.life.dead

				r.life.dead, r.life.immortal = false, true
				if err := r.Store.DeleteAgent(t.Context(), nil, r.org, gone); err != nil && !fault.Is(err, fault.NotFound) {
					t.Fatal(err)
				}
				r.changes = r.changed(t, whole, before)
				if len(r.changes) != len(r.want) {
					t.Fatalf("got %d changes, want %d", len(r.changes), len(r.want))
				}
				r.follow(t, r.changes)
				r.settleDown(t)
				r.check(t)
			})
			if lived && calls < 10 {
				t.Errorf("it takes %d calls: the test is about nothing", calls)
			}
		}
	}
}

// connected creates an agent with two connections and returns its id. The first webhook
// expects an event for the agent and one for each connection.
func (r *eventRig) connected(t *testing.T, table dynamotest.Table) string {
	t.Helper()
	a, draft := agent.New(r.org, "Shop", "", "You sell.", r.now)
	if err := table.Store.CreateAgent(t.Context(), nil, a, draft); err != nil {
		t.Fatal(err)
	}
	r.want, r.wantEnd = []string{"evt_" + a.ID + "_deleted"}, nil
	for _, channel := range []connection.Channel{connection.WhatsApp, connection.Email} {
		c := connection.Connection{
			ID: connection.NewID(), OrgID: r.org, AgentID: a.ID, Channel: channel, Name: "Shop", Credentials: 1, CreatedAt: r.now,
		}
		if err := table.Store.CreateConnection(t.Context(), nil, c, connection.Sealed{}); err != nil {
			t.Fatal(err)
		}
		r.want = append(r.want, "evt_"+c.ID+"_disabled_1")
	}
	return a.ID
}

// changed returns the changes with events since the items of a table were as given, as the
// stream has them.
func (r *eventRig) changed(t *testing.T, table dynamotest.Table, before []map[string]types.AttributeValue) []event.Change {
	t.Helper()
	name := func(it map[string]types.AttributeValue) string {
		return it["pk"].(*types.AttributeValueMemberS).Value + " " + it["sk"].(*types.AttributeValueMemberS).Value
	}
	after := map[string]map[string]types.AttributeValue{}
	for _, it := range table.Items(t) {
		after[name(it)] = it
	}
	var all []event.Change
	for _, it := range before {
		c, err := dynamo.ReadChange(it, after[name(it)])
		if err != nil {
			t.Fatal(err)
		}
		c.ID, c.At = name(it), r.now
		if len(c.Happening().Events) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// wantTogether checks that an agent and its connections are as before the deletion, or as
// after it.
func (r *eventRig) wantTogether(t *testing.T, table dynamotest.Table, agentID string) {
	t.Helper()
	_, err := table.Store.Agent(t.Context(), r.org, agentID)
	deleted := fault.Is(err, fault.NotFound)
	all, err := table.Store.Connections(t.Context(), r.org, "", connection.MaxConnections)
	if err != nil || len(all) != len(r.want)-1 {
		t.Fatal(len(all), err)
	}
	for _, c := range all {
		if c.Disabled != deleted {
			t.Errorf("the agent is deleted: %t, its connection disabled: %t", deleted, c.Disabled)
		}
	}
}
