package automation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// published stores an automation with one step, and publishes it at a time.
func published(t *testing.T, table dynamotest.Table, orgID string, trigger automation.Trigger, at time.Time) automation.Automation {
	t.Helper()
	a := automation.Automation{ID: automation.NewID(), OrgID: orgID, Name: "test", CreatedAt: at, UpdatedAt: at, Revision: 1}
	if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	d := automation.Definition{Trigger: trigger, Steps: []automation.Step{{ID: "a", Type: automation.HTTP, URL: "https://a.example"}}}
	return change(t, table, a, at, func(a *automation.Automation) (err error) {
		a.Published = &automation.Published{Draft: automation.Draft{Definition: d, Secrets: automation.Secrets{"x": []byte("sealed")}}, Version: 1, At: at}
		a.Due, err = automation.NextDue(trigger, at)
		return err
	})
}

func change(t *testing.T, table dynamotest.Table, a automation.Automation, at time.Time, next func(*automation.Automation) error) automation.Automation {
	t.Helper()
	a, err := table.Store.ChangeAutomation(t.Context(), nil, a.OrgID, a.ID, at, next)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) scheduler(table dynamotest.Table) *automation.Scheduler {
	return &automation.Scheduler{Store: table.Store, Workers: w, Now: w.clock}
}

// sweep sweeps at a time.
func (w *world) sweep(t *testing.T, table dynamotest.Table, at time.Time) {
	t.Helper()
	w.now = at
	if err := w.scheduler(table).Sweep(t.Context(), at); err != nil {
		t.Fatal(err)
	}
}

// instants returns the times in the triggers of an automation's runs, in their order.
func instants(t *testing.T, table dynamotest.Table, a automation.Automation) []string {
	t.Helper()
	runs, _, err := table.Store.Runs(t.Context(), a.OrgID, a.ID, "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range slices.Backward(runs) {
		whole, err := table.Store.Run(t.Context(), r.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var trigger struct {
			Schedule struct{ At, Timezone string }
		}
		if err := json.Unmarshal(whole.Trigger, &trigger); err != nil {
			t.Fatal(err)
		}
		all = append(all, trigger.Schedule.At)
	}
	return all
}

func due(t *testing.T, table dynamotest.Table, a automation.Automation) string {
	t.Helper()
	a, err := table.Store.Automation(t.Context(), a.OrgID, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a.Due.IsZero() {
		return ""
	}
	return a.Due.UTC().Format(time.RFC3339)
}

func TestScheduler_Sweep(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	w := &world{}
	nine := automation.Trigger{Type: automation.Schedule, Cron: "0 9 * * *", Timezone: "Europe/Berlin"}
	a := published(t, table, org, nine, instant(t, "2026-11-29T12:00:00Z"))
	webhook := published(t, table, org, automation.Trigger{Type: automation.Webhook, Path: "orders-of-test"}, instant(t, "2026-11-29T12:00:00Z"))
	w.sweep(t, table, instant(t, "2026-11-30T07:59:59Z"))
	if got := instants(t, table, a); len(got) != 0 || len(w.queue) != 0 {
		t.Fatalf("before the due time: got runs %q and %d messages, want none", got, len(w.queue))
	}
	w.sweep(t, table, instant(t, "2026-11-30T08:00:23Z"))
	w.sweep(t, table, instant(t, "2026-11-30T08:01:23Z"))
	if d := cmp.Diff([]string{"2026-11-30T08:00:00Z"}, instants(t, table, a)); d != "" || due(t, table, a) != "2026-12-01T08:00:00Z" {
		t.Errorf("got the next due time %s; runs (-want +got):\n%s", due(t, table, a), d)
	}
	if got := instants(t, table, webhook); len(got) != 0 {
		t.Errorf("a webhook: got runs %q, want none", got)
	}
	runs, _, err := table.Store.Runs(t.Context(), org, a.ID, "", "", 10)
	if err != nil || len(runs) != 1 {
		t.Fatalf("got %d runs, %v, want 1", len(runs), err)
	}
	got, err := table.Store.Run(t.Context(), runs[0].Ref)
	want := automation.Run{
		Ref: automation.Ref{OrgID: org, AutomationID: a.ID, ID: runs[0].ID}, Name: "test", Version: 1, Definition: a.Published.Definition, Secrets: a.Published.Secrets,
		Trigger: json.RawMessage(`{"schedule":{"at":"2026-11-30T08:00:00Z","timezone":"Europe/Berlin"}}`),
		State:   automation.Running, Cause: automation.BySchedule, StartedAt: instant(t, "2026-11-30T08:00:23Z"),
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v; run (-want +got):\n%s", err, d)
	}
	if d := cmp.Diff([]work.Message{{Body: want.Ref}}, w.queue); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	change(t, table, a, w.now, func(a *automation.Automation) error { a.Disabled, a.Due = true, time.Time{}; return nil })
	w.sweep(t, table, instant(t, "2026-12-02T08:01:00Z"))
	if got := instants(t, table, a); len(got) != 1 {
		t.Errorf("disabled: got runs %q, want no more", got)
	}
}

// A service that was down for a moment makes up each minute. After a longer outage a schedule
// starts one run, and goes on after now.
func TestScheduler_Outage(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	minutely := automation.Trigger{Type: automation.Schedule, Cron: "* * * * *"}
	for _, test := range []struct {
		name    string
		trigger automation.Trigger
		sweep   string
		want    []string
		due     string
	}{
		{"a lost sweep", minutely, "2026-11-30T08:02:30Z", []string{"2026-11-30T08:01:00Z", "2026-11-30T08:02:00Z"}, "2026-11-30T08:03:00Z"},
		{"hours", minutely, "2026-11-30T11:00:30Z", []string{"2026-11-30T08:01:00Z"}, "2026-11-30T11:01:00Z"},
		{"days", automation.Trigger{Type: automation.Schedule, Cron: "0 9 * * *"}, "2026-12-03T07:00:00Z", []string{"2026-11-30T09:00:00Z"}, "2026-12-03T09:00:00Z"},
		{"hours of an interval", automation.Trigger{Type: automation.Schedule, EveryMinutes: 7}, "2026-11-30T10:00:00Z", []string{"2026-11-30T08:07:15Z"}, "2026-11-30T10:06:15Z"},
		{"exactly at an instant", automation.Trigger{Type: automation.Schedule, EveryMinutes: 10}, "2026-11-30T10:00:15Z", []string{"2026-11-30T08:10:15Z"}, "2026-11-30T10:10:15Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &world{}
			a := published(t, table, org, test.trigger, instant(t, "2026-11-30T08:00:15Z"))
			for range 2 { // the second one finds nothing
				w.sweep(t, table, instant(t, test.sweep))
			}
			if d := cmp.Diff(test.want, instants(t, table, a)); d != "" || due(t, table, a) != test.due {
				t.Errorf("got the next due time %s, want %s; runs (-want +got):\n%s", due(t, table, a), test.due, d)
			}
			change(t, table, a, w.now, func(a *automation.Automation) error { a.Due = time.Time{}; return nil })
		})
	}
}

// Lambda keeps the invocations of an outage and makes them afterwards, each with its own time. They
// start no more than one sweep does.
func TestScheduler_LateSweeps(t *testing.T) {
	table := dynamotest.Open(t)
	began := instant(t, "2026-11-30T08:00:15Z")
	a := published(t, table, table.Org(t, 0), automation.Trigger{Type: automation.Schedule, Cron: "* * * * *"}, began)
	w := &world{now: began.Add(3 * time.Hour)}
	for minute := range 180 {
		if err := w.scheduler(table).Sweep(t.Context(), began.Add(time.Duration(minute)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"2026-11-30T08:01:00Z"}, instants(t, table, a)); d != "" || due(t, table, a) != "2026-11-30T11:01:00Z" {
		t.Errorf("got the next due time %s; runs (-want +got):\n%s", due(t, table, a), d)
	}
}

// Sweeps at once start one run.
func TestScheduler_Race(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{now: instant(t, "2026-11-30T09:00:30Z")}
	a := published(t, table, table.Org(t, 0), automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, instant(t, "2026-11-30T08:55:00Z"))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := w.scheduler(table).Sweep(t.Context(), w.now); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if d := cmp.Diff([]string{"2026-11-30T09:00:00Z"}, instants(t, table, a)); d != "" || due(t, table, a) != "2026-11-30T09:05:00Z" {
		t.Errorf("got the next due time %s; runs (-want +got):\n%s", due(t, table, a), d)
	}
}

// A change of the automation that read it before a sweep does not bring the old due time back.
func TestScheduler_ConcurrentChange(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{}
	a := published(t, table, table.Org(t, 0), automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, instant(t, "2026-11-30T08:55:00Z"))
	tries := 0
	got := change(t, table, a, instant(t, "2026-11-30T09:00:31Z"), func(a *automation.Automation) error {
		if tries++; tries == 1 {
			w.sweep(t, table, instant(t, "2026-11-30T09:00:30Z"))
		}
		a.Name = "renamed"
		return nil
	})
	if got.Name != "renamed" || tries != 2 || due(t, table, a) != "2026-11-30T09:05:00Z" {
		t.Errorf("got %q after %d tries with the due time %s, want renamed after 2 with 09:05", got.Name, tries, due(t, table, a))
	}
	w.sweep(t, table, instant(t, "2026-11-30T09:01:30Z"))
	if d := cmp.Diff([]string{"2026-11-30T09:00:00Z"}, instants(t, table, a)); d != "" {
		t.Errorf("runs (-want +got):\n%s", d)
	}
}

// mortalSchedules are schedules whose sweep dies.
type mortalSchedules struct {
	automation.Schedules
	w *world
}

func (m mortalSchedules) DueAutomations(ctx context.Context, until time.Time, each func([]automation.Ref) error) error {
	var pages [][]automation.Ref
	_, err := mortalCall(m.w, func() (bool, error) {
		return true, m.Schedules.DueAutomations(ctx, until, func(page []automation.Ref) error {
			pages = append(pages, page)
			return nil
		})
	})
	for _, page := range pages {
		if err == nil {
			err = each(page)
		}
	}
	return err
}

func (m mortalSchedules) Automation(ctx context.Context, orgID, id string) (automation.Automation, error) {
	return mortalCall(m.w, func() (automation.Automation, error) { return m.Schedules.Automation(ctx, orgID, id) })
}

func (m mortalSchedules) StartDue(ctx context.Context, a automation.Automation, r automation.Run, next time.Time) (bool, error) {
	return mortalCall(m.w, func() (bool, error) { return m.Schedules.StartDue(ctx, a, r, next) })
}

// Wherever a sweep dies, the next one goes on: each due time has one run, which is in the index
// of runs, so that it is worked on even if its message was not sent.
func TestScheduler_DiesAnywhere(t *testing.T) {
	table := dynamotest.Open(t)
	trigger := automation.Trigger{Type: automation.Schedule, Cron: "* * * * *"}
	for _, made := range []bool{false, true} {
		for dies, lived := 1, false; !lived; dies++ {
			t.Run(fmt.Sprintf("at call %d, made: %t", dies, made), func(t *testing.T) {
				org := table.Org(t, 0)
				one, two := published(t, table, org, trigger, instant(t, "2026-11-30T08:00:00Z")), published(t, table, org, trigger, instant(t, "2026-11-30T08:00:00Z"))
				at := instant(t, "2026-11-30T08:02:10Z")
				w := &world{now: at, dies: dies, after: made}
				dying := w.scheduler(table)
				dying.Store = mortalSchedules{table.Store, w}
				err := dying.Sweep(t.Context(), at)
				if lived = err == nil; !lived && !errors.Is(err, errDied) {
					t.Fatal(err)
				}
				w.dies = 0
				w.sweep(t, table, at.Add(time.Minute))
				for _, a := range []automation.Automation{one, two} {
					want := []string{"2026-11-30T08:01:00Z", "2026-11-30T08:02:00Z", "2026-11-30T08:03:00Z"}
					if d := cmp.Diff(want, instants(t, table, a)); d != "" {
						t.Errorf("runs (-want +got):\n%s", d)
					}
					change(t, table, a, at, func(a *automation.Automation) error { a.Due = time.Time{}; return nil })
				}
				waiting := map[automation.Ref]bool{}
				err = table.Store.WaitingRuns().Waiting(t.Context(), at.Add(time.Hour), func(page []work.Due[automation.Ref]) error {
					for _, d := range page {
						waiting[d.Ref] = d.Ref.OrgID == org
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				for ref, ours := range waiting {
					if !ours {
						delete(waiting, ref)
					}
				}
				if len(waiting) != 6 {
					t.Errorf("got %d runs in the index, want 6", len(waiting))
				}
			})
			if lived && dies < 8 {
				t.Errorf("got %d calls, want at least 8", dies)
			}
		}
	}
}

// A run that is stored although the due time is there starts no second one.
func TestScheduler_RunStored(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{}
	a := published(t, table, table.Org(t, 0), automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, instant(t, "2026-11-30T08:55:00Z"))
	w.sweep(t, table, instant(t, "2026-11-30T09:00:30Z"))
	change(t, table, a, w.now, func(a *automation.Automation) error { a.Due = instant(t, "2026-11-30T09:00:00Z"); return nil })
	w.sweep(t, table, instant(t, "2026-11-30T09:01:30Z"))
	if d := cmp.Diff([]string{"2026-11-30T09:00:00Z"}, instants(t, table, a)); d != "" || due(t, table, a) != "2026-11-30T09:05:00Z" {
		t.Errorf("got the next due time %s; runs (-want +got):\n%s", due(t, table, a), d)
	}
}

// An automation that cannot be read does not stop the others, and neither does a failing store.
func TestScheduler_Poison(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	w := &world{}
	trigger := automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}
	poison, odd := published(t, table, org, trigger, instant(t, "2026-11-30T08:54:00Z")), published(t, table, org, trigger, instant(t, "2026-11-30T08:54:30Z"))
	for a, definition := range map[string]string{poison.ID: `{"trigger": 5}`, odd.ID: `{"trigger":{"type":"schedule","cron":"0 9 * * *","timezone":"Europe/Atlantis"}}`} {
		_, err := table.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &table.Name, UpdateExpression: new("SET published.#definition = :poison"),
			ExpressionAttributeNames:  map[string]string{"#definition": "definition"},
			Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ORG#" + org + "#AUTOMATIONS"}, "sk": &types.AttributeValueMemberS{Value: a}},
			ExpressionAttributeValues: map[string]types.AttributeValue{":poison": &types.AttributeValueMemberB{Value: []byte(definition)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	good := published(t, table, org, trigger, instant(t, "2026-11-30T08:55:00Z"))
	w.sweep(t, table, instant(t, "2026-11-30T09:00:30Z"))
	if d := cmp.Diff([]string{"2026-11-30T09:00:00Z"}, instants(t, table, good)); d != "" {
		t.Errorf("runs (-want +got):\n%s", d)
	}
	if _, err := table.Store.Automation(t.Context(), org, poison.ID); !errors.Is(err, automation.ErrUnreadable) || fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want ErrUnreadable", err)
	}
	if got := instants(t, table, odd); len(got) != 0 || due(t, table, odd) != "2026-11-30T08:59:30Z" {
		t.Errorf("an unknown zone: got runs %q and the due time %s, want none and the time as it was", got, due(t, table, odd))
	}
}

// Many automations that are due at once are started by one sweep.
func TestScheduler_Many(t *testing.T) {
	table := dynamotest.Open(t)
	w := &world{}
	began := instant(t, "2026-11-30T08:55:00Z")
	var orgs []string
	for range 2 {
		orgs = append(orgs, table.Org(t, 0))
	}
	const each = 90 // together more than a page
	for _, org := range orgs {
		for range each {
			published(t, table, org, automation.Trigger{Type: automation.Schedule, EveryMinutes: 5}, began)
		}
	}
	w.sweep(t, table, began.Add(5*time.Minute))
	runs := map[string]int{}
	for _, m := range w.queue {
		runs[m.Body.(automation.Ref).AutomationID]++
	}
	if len(runs) != 2*each || len(w.queue) != 2*each {
		t.Errorf("got %d messages for %d automations, want one for each of %d", len(w.queue), len(runs), 2*each)
	}
}
