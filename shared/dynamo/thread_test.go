package dynamo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

func TestThreads_NewestFirst(t *testing.T) {
	clock := time.Now()
	table := dynamotest.Open(t, dynamotest.At(func() time.Time { clock = clock.Add(time.Millisecond); return clock }))
	org := table.Org(t, 0)
	one, two := table.Agent(t, org, "x"), table.Agent(t, org, "y")
	table.Thread(t, table.Agent(t, table.Org(t, 0), "not mine"))
	var all, ofOne []string
	for i := range 6 {
		owner := one
		if i%2 == 1 {
			owner = two
		}
		th := table.Thread(t, owner)
		all = append([]string{th.ID}, all...)
		if owner.ID == one.ID {
			ofOne = append([]string{th.ID}, ofOne...)
		}
	}
	list := func(agentID string, after *thread.Thread, limit int) []string {
		t.Helper()
		threads, err := table.Store.Threads(ctx, org, agentID, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, th := range threads {
			ids = append(ids, th.ID)
		}
		return ids
	}
	third, err := table.Store.Thread(ctx, org, all[2])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ want, got []string }{
		"all":       {all, list("", nil, 10)},
		"a page":    {all[:2], list("", nil, 2)},
		"the next":  {all[3:5], list("", &third, 2)},
		"an agent":  {ofOne, list(one.ID, nil, 10)},
		"no agents": {[]string{}, list("nobody", nil, 10)},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestDeleteThread_Wipes(t *testing.T) {
	b := newBench(t, ledger.Credit)
	hold := b.mustAdmit(t)
	if _, err := b.settle(hold, b.settled(hold, 7)); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.DeleteThread(ctx, nil, b.org, b.thread.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.Store.DeleteThread(ctx, nil, b.org, b.thread.ID, time.Now()), fault.NotFound)
	wantCode(t, second(b.Store.Thread(ctx, b.org, b.thread.ID)), fault.NotFound)
	wantCode(t, second(b.Store.Conversation(ctx, b.org, b.thread.ID, 5)), fault.NotFound)
	if threads, err := b.Store.Threads(ctx, b.org, "", nil, 5); err != nil || len(threads) != 0 {
		t.Errorf("got threads %+v, %v; want none", threads, err)
	}
	if _, err := b.Store.Sweep(ctx, time.Now().Add(ledger.HoldLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	charge := false
	for _, item := range b.Items(t) {
		for _, name := range []string{"user_text", "assistant_text", "title", "due"} {
			if v, ok := item[name]; ok {
				t.Errorf("got attribute %s left: %v, want none", name, v)
			}
		}
		_, has := item["charge"]
		charge = charge || has
	}
	if !charge {
		t.Error("got the ledger entry deleted with the thread, want it kept")
	}
}

// The engine's largest turn fits into an item.
func TestSettle_LargestTurn(t *testing.T) {
	b := newBench(t, ledger.Credit)
	hold := b.mustAdmit(t)
	largest := b.settled(hold, 1)
	largest.User, largest.Assistant = strings.Repeat("€", turn.MaxText/3), strings.Repeat("€", (192<<10)/3)
	for range 40 {
		largest.Tools = append(largest.Tools, turn.ToolUse{
			ID: "id", Name: "tool", Input: json.RawMessage(`{"a":"` + strings.Repeat("x", 10_000) + `"}`), Result: strings.Repeat("€", 20_000),
		})
	}
	if _, err := b.settle(hold, largest); err != nil {
		t.Fatal(err)
	}
	c, err := b.Store.Conversation(ctx, b.org, b.thread.ID, 1)
	if err != nil || c.Turns[0].Assistant != largest.Assistant || len(c.Turns[0].Tools) != 40 {
		t.Errorf("got answer and tools kept in part (%v), want them whole", err)
	}
}

// The sweep wipes the texts of a turn that settled after its thread was deleted.
func TestSweep_WipesTurnsSettledAfterDeletion(t *testing.T) {
	b := newBench(t, ledger.Credit)
	hold := b.mustAdmit(t)
	underWay := b.settled(hold, 7)
	if err := b.Store.DeleteThread(ctx, nil, b.org, b.thread.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.settle(hold, underWay); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.Sweep(ctx, time.Now().Add(ledger.HoldLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, item := range b.Items(t) {
		for _, name := range []string{"user_text", "assistant_text", "title", "due"} {
			if v, ok := item[name]; ok {
				t.Errorf("got attribute %s left: %v, want none", name, v)
			}
		}
	}
	if a := b.Account(t, b.org); a.Balance() != ledger.Credit-7 {
		t.Errorf("got balance %d, want %d", a.Balance(), ledger.Credit-7)
	}
}
