package event_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

var at = time.Date(2026, time.March, 1, 12, 0, 0, 123_000_000, time.UTC)

func TestCheck(t *testing.T) {
	got, err := event.Check("events", []string{event.TurnFailed, event.CreditsLow, event.TurnFailed})
	if d := cmp.Diff([]string{event.TurnFailed, event.CreditsLow}, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	all := strings.Join(event.Types, ", ")
	for want, bad := range map[string][]string{
		"events must have at least one of " + all: nil,
		"events[0] must be one of " + all:         {"webhook.test"},
		"events[1] must be one of " + all:         {event.TurnFailed, "TURN.FAILED"},
	} {
		if _, err := event.Check("events", bad); !fault.Is(err, fault.Invalid) || err.Error() != "invalid: "+want {
			t.Errorf("%q: got %v, want %s", bad, err, want)
		}
	}
}

// told returns the types and ids of a change's events.
func told(c event.Change) []string {
	var all []string
	for _, e := range c.Happening().Events {
		all = append(all, e.Type+" "+e.ID)
	}
	return all
}

func TestChange_Happening(t *testing.T) {
	version := &agent.VersionRef{ID: "v-2", Label: "v1.1"}
	draft := agent.Agent{ID: "a", OrgID: "o", Revision: 1}
	deployed := agent.Agent{ID: "a", OrgID: "o", Revision: 2, Deployed: version}
	renamed := agent.Agent{ID: "a", OrgID: "o", Revision: 3, Deployed: version, Name: "x"}
	another := agent.Agent{ID: "a", OrgID: "o", Revision: 4, Deployed: &agent.VersionRef{ID: "v-1"}}
	on, off := delivery.Webhook{ID: "e", OrgID: "o"}, delivery.Webhook{ID: "e", OrgID: "o", Disabled: true}
	gone := delivery.Webhook{ID: "e", OrgID: "o", Disabled: true, Reason: delivery.Gone}
	changed := func(before, after *agent.Agent) event.Change {
		return event.Change{ID: "r", At: at, Agent: &event.Pair[agent.Agent]{Before: before, After: after}}
	}
	turned := func(before, after delivery.Webhook) event.Change {
		return event.Change{ID: "r", At: at, Webhook: &event.Pair[delivery.Webhook]{Before: &before, After: &after}}
	}
	connected, closed := connection.Connection{ID: "c", OrgID: "o"}, connection.Connection{ID: "c", OrgID: "o", Disabled: true, Reason: connection.ByOwner}
	orphan := connection.Connection{ID: "c", OrgID: "o", Revision: 3, Disabled: true, Reason: connection.AgentDeleted}
	joined := func(before, after *connection.Connection) event.Change {
		return event.Change{ID: "r", At: at, Connection: &event.Pair[connection.Connection]{Before: before, After: after}}
	}
	for name, c := range map[string]struct {
		change event.Change
		want   []string
	}{
		"a connection that is new":              {joined(nil, &connected), nil},
		"a connection that its owner disables":  {joined(&connected, &closed), nil},
		"a connection whose agent is deleted":   {joined(&connected, &orphan), []string{"connection.disabled evt_c_disabled_3"}},
		"a disabled connection that changes":    {joined(&orphan, &orphan), nil},
		"a connection that is enabled":          {joined(&orphan, &connected), nil},
		"a disabled connection that is deleted": {joined(&orphan, nil), nil},
		"nothing":                               {event.Change{ID: "r", At: at}, nil},
		"an agent that is new":                  {changed(nil, &draft), nil},
		"one that is deployed":                  {changed(&draft, &deployed), []string{"agent.deployed evt_a_deployed_2"}},
		"one that was made deployed":            {changed(nil, &deployed), []string{"agent.deployed evt_a_deployed_2"}},
		"one that is renamed":                   {changed(&deployed, &renamed), nil},
		"one that is rolled back":               {changed(&renamed, &another), []string{"agent.deployed evt_a_deployed_4"}},
		"one that is deleted":                   {changed(&another, nil), []string{"agent.deleted evt_a_deleted"}},
		"a webhook that its owner disables":     {turned(on, off), nil},
		"one that we disable":                   {turned(on, gone), []string{"connection.disabled evt_r_disabled"}},
		"one that was off":                      {turned(gone, gone), nil},
		"one that is on again":                  {turned(gone, on), nil},
		"a run that has completed":              {event.Change{Run: &event.EndedRun{ID: "r", OrgID: "o", State: "completed"}}, []string{"automation.run.completed evt_r_ended_0"}},
		"a re-run that has failed": {
			event.Change{Run: &event.EndedRun{ID: "r", OrgID: "o", Reruns: 2, State: "failed"}}, []string{"automation.run.failed evt_r_ended_2"},
		},
		"a turn": {
			event.Change{Turn: &turn.Turn{ID: "t", OrgID: "o"}},
			[]string{"message.created evt_t_user", "message.created evt_t_assistant", "turn.completed evt_t_completed"},
		},
		"a thread's first turn, that broke off": {
			event.Change{Turn: &turn.Turn{ID: "t", OrgID: "o", Starts: true, Interrupted: true}},
			[]string{"conversation.started evt_t_started", "message.created evt_t_user", "message.created evt_t_assistant", "turn.failed evt_t_failed"},
		},
	} {
		if d := cmp.Diff(c.want, told(c.change)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// For any sequence of turns, top-ups and adjustments, each bound causes one event on
// the way down, and holds cause none.
func TestChange_EachBoundOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := ledger.NewAccount("o", ledger.Credits(rapid.Int64Range(0, int64(20*ledger.Credit)).Draw(t, "credits")))
		above := map[string]bool{event.CreditsLow: a.Balance() >= 10*a.Hold, event.CreditsExhausted: a.Balance() >= a.Hold}
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			before := a
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0: // a turn begins
				if a.Available < a.Hold {
					continue
				}
				a.Available, a.Open = a.Available-a.Hold, maps.Clone(before.Open)
				a.Open[turn.NewID()] = a.Hold
			case 1: // a turn settles
				a.Open = maps.Clone(before.Open)
				for id, hold := range before.Open {
					a.Available += ledger.Credits(rapid.Int64Range(0, int64(hold)).Draw(t, "back"))
					delete(a.Open, id)
					break
				}
			case 2:
				a.Available += ledger.Credits(rapid.Int64Range(-int64(a.Available), int64(5*ledger.Credit)).Draw(t, "entry"))
			}
			got := map[string]int{}
			for _, e := range (event.Change{ID: "r", Account: &event.Pair[ledger.Account]{Before: &before, After: &a}}).Happening().Events {
				got[e.Type]++
			}
			for kind, bound := range map[string]ledger.Credits{event.CreditsLow: 10 * a.Hold, event.CreditsExhausted: a.Hold} {
				want := 0
				if above[kind] && a.Balance() < bound {
					want = 1
				}
				above[kind] = a.Balance() >= bound
				if got[kind] != want {
					t.Fatalf("%s: got %d events, want %d, from %+v to %+v", kind, got[kind], want, before, a)
				}
			}
		}
	})
}

func TestChange_UnmeteredOrSharded(t *testing.T) {
	rich, poor := ledger.NewAccount("o", 100*ledger.Credit), ledger.NewAccount("o", 0)
	for name, change := range map[string]func(*ledger.Account){
		"without metering": func(a *ledger.Account) { a.Metered = false },
		"kept in parts":    func(a *ledger.Account) { a.Shards = 2 },
	} {
		after := poor
		change(&after)
		if got := told(event.Change{Account: &event.Pair[ledger.Account]{Before: &rich, After: &after}}); got != nil {
			t.Errorf("%s: got %q, want nothing", name, got)
		}
	}
}

// Deliveries have the same ids on every call, different ids for each webhook, and sort
// in the order of sending.
func TestHappening_For(t *testing.T) {
	h := event.Change{Turn: &turn.Turn{ID: "t", OrgID: "o", Starts: true, SettledAt: at}}.Happening()
	later := event.Change{Turn: &turn.Turn{ID: "u", OrgID: "o", SettledAt: at.Add(time.Millisecond)}}.Happening()
	one, two := delivery.Webhook{ID: "1", OrgID: "o", Events: event.Types}, delivery.Webhook{ID: "2", OrgID: "o", Events: []string{event.MessageCreated}}
	ids := func(h event.Happening, e delivery.Webhook) []string {
		t.Helper()
		all, err := h.For(e)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for i, d := range all {
			ids = append(ids, d.ID)
			if last := i == len(all)-1; last != (d.Next == "") || !last && d.Next != all[i+1].ID {
				t.Errorf("%s: got next %q, want the delivery after it", d.ID, d.Next)
			}
			if d.ID < delivery.FirstID(h.At) || d.ID >= delivery.FirstID(h.At.Add(time.Millisecond)) {
				t.Errorf("got id %s, want one of %s", d.ID, h.At)
			}
		}
		return ids
	}
	first := ids(h, one)
	if d := cmp.Diff(first, ids(h, one)); d != "" || len(first) != 4 {
		t.Errorf("second call (-first +second):\n%s", d)
	}
	all := slices.Concat(first, ids(later, one))
	if !slices.IsSorted(all) {
		t.Errorf("got %q, want them sorted", all)
	}
	for _, id := range ids(h, two) {
		if slices.Contains(all, id) {
			t.Errorf("got id %s twice, want it for one webhook", id)
		}
	}
	two.Disabled = true
	if got := ids(h, two); len(got) != 0 {
		t.Errorf("got %q sent to webhooks that are off, want none", got)
	}
}
