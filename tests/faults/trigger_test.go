package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// triggerRig has every part that starts runs of automations for the events of an org, in one
// process that can die.
type triggerRig struct {
	whole  dynamotest.Table // which no death disturbs
	table  dynamotest.Table
	life   *life
	now    time.Time
	org    string
	feed   *event.Feed
	worker *delivery.Worker
	outs   *mailbox // of deliveries
	runs   *mailbox // of runs
}

func newTriggerRig(t *testing.T, whole dynamotest.Table, l *life) *triggerRig {
	t.Helper()
	r := &triggerRig{whole: whole, life: l, now: time.Now().UTC().Truncate(time.Millisecond), org: whole.Org(t, 10*ledger.Credit)}
	clock := func() time.Time { return r.now }
	r.table = whole.Beside(dynamotest.Through(l), dynamotest.At(clock), dynamotest.Eager())
	r.outs, r.runs = &mailbox{life: l}, &mailbox{life: l}
	r.feed = &event.Feed{Store: r.table.Store, Workers: r.outs, Now: clock}
	r.worker = &delivery.Worker{
		Store: r.table.Store, Queue: r.outs, Now: clock,
		Fanout: &event.Fanout{
			Store: r.table.Store, Workers: r.outs, Now: clock,
			Runs: &automation.Starter{Store: r.table.Store, Workers: r.runs, Now: clock},
		},
	}
	return r
}

// on publishes an automation that an event starts.
func (r *triggerRig) on(t *testing.T, kind event.Type, agentID string) automation.Automation {
	t.Helper()
	a := automation.Automation{ID: automation.NewID(), OrgID: r.org, Name: "test", CreatedAt: r.now, UpdatedAt: r.now, Revision: 1}
	if err := r.whole.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	return r.publish(t, a, automation.Trigger{Type: automation.OnEvent, Event: kind, AgentID: agentID})
}

func (r *triggerRig) publish(t *testing.T, a automation.Automation, trigger automation.Trigger) automation.Automation {
	t.Helper()
	return r.change(t, a, func(a *automation.Automation) {
		version := 1
		if a.Published != nil {
			version = a.Published.Version + 1
		}
		a.Published = &automation.Published{Version: version, At: r.now, Draft: automation.Draft{Definition: automation.Definition{
			Trigger: trigger, Steps: []automation.Step{{ID: "ask", Type: automation.Agent, AgentID: "other", Prompt: "hi"}},
		}}}
	})
}

func (r *triggerRig) change(t *testing.T, a automation.Automation, next func(*automation.Automation)) automation.Automation {
	t.Helper()
	a, err := r.whole.Store.ChangeAutomation(t.Context(), nil, a.OrgID, a.ID, r.now, func(a *automation.Automation) error {
		next(a)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// settle stores a settled turn of an agent, and returns its record of the stream.
func (r *triggerRig) settle(t *testing.T, agentID, channel, text string) event.Change {
	t.Helper()
	hold, err := r.whole.Store.Admit(t.Context(), turn.Admission{OrgID: r.org, KeyID: "key", TurnID: turn.NewID(), At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	settled := turn.Turn{
		ID: hold.TurnID, OrgID: r.org, ThreadID: hold.TurnID, AgentID: agentID, Channel: channel, Place: time.Now().UnixMicro(), StartedAt: r.now, SettledAt: r.now,
		User: "hello", Assistant: text, Usage: model.Usage{Input: 1, Output: 1}, Starts: true,
	}
	if _, err := r.whole.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Turn: settled, Thread: turn.ThreadChange{Start: true, Title: "hello"}}); err != nil {
		t.Fatal(err)
	}
	return event.Change{ID: hold.TurnID, At: r.now.Truncate(time.Second), Turn: &settled}
}

func (r *triggerRig) follow(t *testing.T, changes ...event.Change) {
	t.Helper()
	if _, err := r.feed.Follow(t.Context(), changes); err != nil && !errors.Is(err, errDead) {
		t.Logf("follow: %v", err)
	}
}

// work works on all deliveries.
func (r *triggerRig) work(t *testing.T) {
	t.Helper()
	for len(r.outs.messages) > 0 {
		m := r.outs.messages[0]
		r.outs.messages = r.outs.messages[1:]
		if err := r.worker.Work(context.Background(), m); err != nil && !errors.Is(err, errDead) {
			t.Logf("%s: %v", m, err)
		}
	}
}

// settleDown revives the process, and runs the sweeps after a minute.
func (r *triggerRig) settleDown(t *testing.T) {
	t.Helper()
	r.life.dead, r.life.immortal = false, true
	r.now = r.now.Add(time.Minute)
	if err := work.Sweep(r.table.Store.WaitingDeliveries(), r.outs)(t.Context(), r.now); err != nil {
		t.Fatal(err)
	}
	r.work(t)
	if err := work.Sweep(r.table.Store.WaitingRuns(), r.runs)(t.Context(), r.now); err != nil {
		t.Fatal(err)
	}
}

// started returns the events of an automation's runs, as type and turn.
func (r *triggerRig) started(t *testing.T, a automation.Automation) []string {
	t.Helper()
	all, _, err := r.whole.Store.Runs(t.Context(), a.OrgID, a.ID, "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	events := []string{}
	for _, listed := range all {
		run, err := r.whole.Store.Run(t.Context(), listed.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var trigger struct {
			Event struct {
				Type string
				Data event.Data
			}
		}
		if err := json.Unmarshal(run.Trigger, &trigger); err != nil {
			t.Fatal(err)
		}
		events = append(events, nameOf(trigger.Event.Type, trigger.Event.Data))
	}
	slices.Sort(events)
	return events
}

func nameOf(kind string, d event.Data) string {
	name := kind + " " + d.TurnID
	if d.Message != nil {
		name += " " + d.Message.Role
	}
	return name
}

// want checks the events that started runs of an automation.
func (r *triggerRig) want(t *testing.T, name string, a automation.Automation, want ...string) {
	t.Helper()
	slices.Sort(want)
	if d := cmp.Diff(append([]string{}, want...), r.started(t, a)); d != "" {
		t.Errorf("%s: runs (-want +got):\n%s", name, d)
	}
}

// Each event of the type and of the agent starts one run, with the body that webhooks receive.
func TestTriggers_Start(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	turns, messages, started := r.on(t, event.TurnCompleted, ""), r.on(t, event.MessageCreated, "one"), r.on(t, event.AgentDeployed, "")
	first, second := r.settle(t, "one", "test", "hi"), r.settle(t, "two", "test", "hi")
	r.follow(t, first, second)
	r.work(t)
	r.want(t, "of any agent", turns, "turn.completed "+first.Turn.ID, "turn.completed "+second.Turn.ID)
	r.want(t, "of one agent", messages, "message.created "+first.Turn.ID+" user", "message.created "+first.Turn.ID+" assistant")
	r.want(t, "of another event", started)
	if len(r.runs.messages) != 4 {
		t.Errorf("got %d messages, want one for each of 4 runs", len(r.runs.messages))
	}
	runs, _, err := r.whole.Store.Runs(t.Context(), r.org, turns.ID, "", "", 1)
	if err != nil || len(runs) != 1 {
		t.Fatalf("got %d runs, %v, want 1", len(runs), err)
	}
	got, err := r.whole.Store.Run(t.Context(), runs[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]event.Event{}
	for _, c := range []event.Change{first, second} {
		for _, e := range c.Happening().Events {
			if e.Type == event.TurnCompleted {
				events[automation.RunID(e.At, turns.ID, e.ID)] = e
			}
		}
	}
	body, err := events[got.ID].Body()
	want := turns.Start(got.ID, automation.ByEvent, json.RawMessage(`{"event":`+string(body)+`}`), r.now)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v; run (-want +got):\n%s", err, d)
	}
}

// Events from before an automation is published or enabled start nothing. A new version with the
// same trigger misses none, and one that is off or has another trigger starts none.
func TestTriggers_Since(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	early := r.settle(t, "one", "test", "hi")
	r.now = r.now.Add(time.Millisecond)
	a := r.on(t, event.TurnCompleted, "")
	r.now = r.now.Add(time.Millisecond)
	between := r.settle(t, "one", "test", "hi")
	r.now = r.now.Add(time.Millisecond)
	r.publish(t, a, a.Published.Trigger)
	r.follow(t, early, between)
	r.work(t)
	r.want(t, "a new version", a, "turn.completed "+between.Turn.ID)

	off := r.settle(t, "one", "test", "hi")
	r.follow(t, off)
	r.change(t, a, func(a *automation.Automation) { a.Disabled = true })
	r.work(t)
	r.want(t, "disabled while the event was on its way", a, "turn.completed "+between.Turn.ID)
	r.now = r.now.Add(time.Millisecond)
	r.change(t, a, func(a *automation.Automation) { a.Disabled = false })
	r.follow(t, off)
	r.work(t)
	r.want(t, "enabled again", a, "turn.completed "+between.Turn.ID)

	other := r.settle(t, "one", "test", "hi")
	r.follow(t, other)
	r.publish(t, a, automation.Trigger{Type: automation.OnEvent, Event: event.TurnFailed})
	r.work(t)
	r.want(t, "another trigger", a, "turn.completed "+between.Turn.ID)
	r.publish(t, a, automation.Trigger{Type: automation.Webhook, Path: "no-event-at-all"})
	if to, err := r.whole.Store.Listeners(t.Context(), r.org); err != nil || len(to.Triggers) != 0 {
		t.Errorf("a webhook: got %+v, %v, want no triggers", to, err)
	}
	r.publish(t, a, automation.Trigger{Type: automation.OnEvent, Event: event.TurnCompleted})
	last := r.settle(t, "one", "test", "hi")
	r.follow(t, last)
	if err := r.whole.Store.DeleteAutomation(t.Context(), nil, r.org, a.ID); err != nil {
		t.Fatal(err)
	}
	r.work(t)
	r.want(t, "deleted", a, "turn.completed "+between.Turn.ID)
	if to, err := r.whole.Store.Listeners(t.Context(), r.org); err != nil || len(to.Triggers) != 0 {
		t.Errorf("deleted: got %+v, %v, want no triggers", to, err)
	}
}

// An org whose automations want other events, or none, pays one read for each batch of changes.
func TestTriggers_Unwanted(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	for name, prepare := range map[string]func(){
		"no automations":    func() {},
		"for another event": func() { r.on(t, event.TurnFailed, "") },
		"for another agent": func() { r.on(t, event.TurnCompleted, "another") },
		"with other triggers": func() {
			a := r.on(t, event.TurnFailed, "")
			r.publish(t, a, automation.Trigger{Type: automation.Schedule, EveryMinutes: 5})
		},
	} {
		prepare()
		changes := []event.Change{r.settle(t, "one", "test", "hi"), r.settle(t, "one", "test", "hi")}
		before := r.life.calls
		r.follow(t, changes...)
		if n := r.life.calls - before; n != 1 || len(r.outs.messages) != 0 {
			t.Errorf("%s: got %d calls and %d messages, want 1 and 0", name, n, len(r.outs.messages))
		}
	}
}

// The process dies at each of its calls of the table and the queues, before the call is made or
// before its answer arrives. The stream repeats the batch, and each event has one run.
func TestTriggers_DiesAnywhere(t *testing.T) {
	table := dynamotest.Open(t)
	for _, made := range []bool{false, true} {
		for calls, lived := 0, false; !lived; calls++ {
			t.Run(fmt.Sprintf("after %d calls, the last is made: %t", calls, made), func(t *testing.T) {
				r := newTriggerRig(t, table, &life{left: calls, made: made})
				turns, messages := r.on(t, event.TurnCompleted, ""), r.on(t, event.MessageCreated, "one")
				change := r.settle(t, "one", "test", "hi")
				r.follow(t, change)
				r.work(t)
				lived = !r.life.dead
				r.life.dead, r.life.immortal = false, true
				r.follow(t, change)
				r.settleDown(t)
				r.want(t, "turns", turns, "turn.completed "+change.Turn.ID)
				r.want(t, "messages", messages, "message.created "+change.Turn.ID+" user", "message.created "+change.Turn.ID+" assistant")
				woken := map[string]bool{}
				for _, m := range r.runs.messages {
					if strings.Contains(string(m), r.org) {
						woken[string(m)] = true
					}
				}
				if len(woken) != 3 {
					t.Errorf("got workers woken for %d runs, want 3", len(woken))
				}
			})
			if lived && calls < 12 {
				t.Errorf("got %d calls for the events, want at least 12", calls)
			}
		}
	}
}

// Records that are repeated, and workers that do the same at once, start one run for each event.
func TestTriggers_Concurrent(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	a := r.on(t, event.TurnCompleted, "")
	changes := []event.Change{r.settle(t, "one", "test", "hi"), r.settle(t, "two", "test", "hi")}
	starter := &automation.Starter{Store: r.whole.Store, Workers: nowhere{}, Now: time.Now}
	fanout := &event.Fanout{Store: r.whole.Store, Workers: nowhere{}, Runs: starter, Now: time.Now}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			feed := event.Feed{Store: r.whole.Store, Workers: nowhere{}, Now: time.Now}
			if _, err := feed.Follow(t.Context(), changes); err != nil {
				t.Error(err)
			}
			for _, d := range fanouts(t, r) {
				if err := fanout.FanOut(t.Context(), d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for range 2 {
		r.follow(t, changes...)
		r.work(t)
	}
	r.want(t, "at once, and again", a, "turn.completed "+changes[0].Turn.ID, "turn.completed "+changes[1].Turn.ID)
}

// nowhere is a queue that loses all messages.
type nowhere struct{}

func (nowhere) Send(context.Context, ...work.Message) error { return nil }

// fanouts returns the fan-outs of the rig's org.
func fanouts(t *testing.T, r *triggerRig) []delivery.Delivery {
	t.Helper()
	listed, err := r.whole.Store.Deliveries(t.Context(), r.org, delivery.Fanout, "", 100)
	if err != nil {
		t.Error(err)
	}
	var all []delivery.Delivery
	for _, d := range listed {
		whole, err := r.whole.Store.Delivery(t.Context(), d.Ref)
		if err != nil {
			t.Error(err)
		}
		all = append(all, whole)
	}
	return all
}

// Two automations that each ask the other's agent would start each other for ever. Events of what
// their steps did start nothing, and still go to webhooks.
func TestTriggers_NoLoop(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	ping, pong := r.on(t, event.TurnCompleted, "one"), r.on(t, event.TurnCompleted, "two")
	answers := r.on(t, event.MessageCreated, "")
	hook := delivery.Webhook{ID: delivery.NewID(), OrgID: r.org, URL: "https://a.example", Events: event.Types, CreatedAt: r.now}
	if err := r.whole.Store.CreateWebhook(t.Context(), nil, hook, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	other := map[string]string{ping.ID: "two", pong.ID: "one", answers.ID: "one"}
	asked := r.settle(t, "one", "test", "hi")
	changes, worked := []event.Change{asked}, map[string]bool{}
	for round := 0; len(changes) > 0; round++ {
		if round == 5 {
			t.Fatal("got automations that start each other for ever, want an end")
		}
		r.feedAll(t, changes)
		changes = nil
		for _, m := range r.runs.messages {
			var ref automation.Ref
			if err := json.Unmarshal(m, &ref); err != nil {
				t.Fatal(err)
			}
			if !worked[ref.ID] { // its steps ask an agent, and send a message to a person
				worked[ref.ID] = true
				changes = append(changes, r.settle(t, other[ref.AutomationID], turn.AutomationChannel, "hi"))
				note := *r.settle(t, "one", "whatsapp", "hi").Turn
				note.Note, note.Automation = true, ref.AutomationID
				changes = append(changes, event.Change{ID: note.ID, At: note.SettledAt, Turn: &note})
			}
		}
		r.runs.messages = nil
	}
	r.want(t, "ping", ping, "turn.completed "+asked.Turn.ID)
	r.want(t, "pong", pong)
	r.want(t, "answers", answers, "message.created "+asked.Turn.ID+" user", "message.created "+asked.Turn.ID+" assistant")
	sent, err := r.whole.Store.Deliveries(t.Context(), r.org, hook.ID, "", 100)
	if want := 4 + 3*(4+3); err != nil || len(sent) != want {
		t.Errorf("got %d events at the webhook, %v, want %d", len(sent), err, want)
	}
}

// feedAll follows changes, and expands their fan-outs without sending deliveries.
func (r *triggerRig) feedAll(t *testing.T, changes []event.Change) {
	t.Helper()
	r.follow(t, changes...)
	messages := r.outs.messages
	r.outs.messages = nil
	for _, m := range messages {
		if err := r.worker.Work(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	r.outs.messages = nil // of webhooks
}

// An automation that cannot be read delays neither webhooks nor other automations.
func TestTriggers_Poison(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	poison, good := r.on(t, event.TurnCompleted, ""), r.on(t, event.TurnCompleted, "")
	hook := delivery.Webhook{ID: delivery.NewID(), OrgID: r.org, URL: "https://a.example", Events: []string{event.TurnCompleted}, CreatedAt: r.now}
	if err := r.whole.Store.CreateWebhook(t.Context(), nil, hook, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	_, err := r.whole.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &r.whole.Name, UpdateExpression: new("SET published.#definition = :poison"),
		ExpressionAttributeNames:  map[string]string{"#definition": "definition"},
		Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ORG#" + r.org + "#AUTOMATIONS"}, "sk": &types.AttributeValueMemberS{Value: poison.ID}},
		ExpressionAttributeValues: map[string]types.AttributeValue{":poison": &types.AttributeValueMemberB{Value: []byte(`{"steps": 5}`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	change := r.settle(t, "one", "test", "hi")
	r.feedAll(t, []event.Change{change})
	r.want(t, "good", good, "turn.completed "+change.Turn.ID)
	if left := fanouts(t, r); len(left) != 0 {
		t.Errorf("got %d fan-outs left, want none", len(left))
	}
	if sent, err := r.whole.Store.Deliveries(t.Context(), r.org, hook.ID, "", 10); err != nil || len(sent) != 1 {
		t.Errorf("got %d events at the webhook, %v, want 1", len(sent), err)
	}
}

// A message that is too long for a run is cut in what the run gets.
func TestTriggers_LongMessage(t *testing.T) {
	r := newTriggerRig(t, dynamotest.Open(t), &life{immortal: true})
	a := r.on(t, event.MessageCreated, "")
	r.change(t, a, func(a *automation.Automation) { a.Published.Steps[0].Prompt = strings.Repeat("<", 60<<10) })
	r.follow(t, r.settle(t, "one", "test", strings.Repeat("\x01ö<", 40_000)))
	r.work(t)
	runs, _, err := r.whole.Store.Runs(t.Context(), r.org, a.ID, "", "", 10)
	if err != nil || len(runs) != 2 {
		t.Fatalf("got %d runs, %v, want 2", len(runs), err)
	}
	cuts := map[bool]int{}
	for _, listed := range runs {
		run, err := r.whole.Store.Run(t.Context(), listed.Ref)
		if err != nil || len(run.Trigger) > automation.MaxTrigger {
			t.Fatalf("got %d bytes, %v, want at most %d", len(run.Trigger), err, automation.MaxTrigger)
		}
		var trigger struct{ Event struct{ Data event.Data } }
		if err := json.Unmarshal(run.Trigger, &trigger); err != nil {
			t.Fatal(err)
		}
		cuts[trigger.Event.Data.Message.Cut]++
	}
	if d := cmp.Diff(map[bool]int{false: 1, true: 1}, maps.Clone(cuts)); d != "" {
		t.Errorf("cut messages (-want +got):\n%s", d)
	}
}
