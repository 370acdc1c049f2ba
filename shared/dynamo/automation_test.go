package dynamo_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/request"
)

func newAutomation(orgID string, now time.Time) automation.Automation {
	return automation.Automation{
		ID: automation.NewID(), OrgID: orgID, Name: "Orders", CreatedAt: now, UpdatedAt: now, Revision: 1,
		Draft: automation.Draft{
			Definition: automation.Definition{
				Trigger: automation.Trigger{Type: automation.Webhook, Path: "orders-" + orgID, Verify: &automation.Verify{Type: automation.Bearer}},
				Steps:   []automation.Step{{ID: "pause", Type: automation.Wait, Seconds: 1}},
			},
			Secrets: automation.Secrets{automation.VerifySecret: []byte("sealed")},
		},
	}
}

// A list has everything of automations but their steps and secrets, which may be long.
func TestAutomations(t *testing.T) {
	table := dynamotest.Open(t)
	org, now := table.Org(t, ledger.Credit), time.Now().UTC().Truncate(time.Millisecond)
	var want []automation.Automation
	for i := range 3 {
		a := newAutomation(org, now)
		if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			var err error
			if a, err = table.Store.ChangeAutomation(t.Context(), nil, org, a.ID, now.Add(time.Second), func(a *automation.Automation) error { return a.Publish(now) }); err != nil {
				t.Fatal(err)
			}
			whole, err := table.Store.Automation(t.Context(), org, a.ID)
			if d := cmp.Diff(a, whole); d != "" || err != nil {
				t.Fatalf("one: %v (-want +got):\n%s", err, d)
			}
			a.Published.Draft = automation.Draft{Definition: automation.Definition{Trigger: a.Draft.Trigger}}
		}
		a.Draft, a.Revision = automation.Draft{Definition: automation.Definition{Trigger: a.Draft.Trigger}}, 0
		want = append([]automation.Automation{a}, want...)
	}
	got, err := table.Store.Automations(t.Context(), org, "", 10)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	page, err := table.Store.Automations(t.Context(), org, want[0].ID, 1)
	if d := cmp.Diff(want[1:2], page); d != "" || err != nil {
		t.Errorf("a page: %v (-want +got):\n%s", err, d)
	}
}

// An automation of the largest size fits into its row twice, as the draft and as what runs, and so
// does the answer that is kept for a repeated request.
func TestChangeAutomation_Largest(t *testing.T) {
	table := dynamotest.Open(t)
	org, now := table.Org(t, ledger.Credit), time.Now()
	a := newAutomation(org, now)
	a.Draft.Steps[0] = automation.Step{ID: "ask", Type: automation.Agent, AgentID: "a", Prompt: strings.Repeat("x", automation.MaxDefinition)}
	for i := range automation.MaxSecrets {
		name := automation.HeaderSecret(strings.Repeat("s", 40), fmt.Sprint(strings.Repeat("h", 100), i))
		a.Draft.Secrets[name] = bytes.Repeat([]byte("x"), request.MaxHeader+300) // KMS adds about 200 bytes
	}
	if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	key, err := idempotency.New(org, http.MethodPost, "/", "once", nil)
	if err != nil {
		t.Fatal(err)
	}
	once := &idempotency.Change{Key: key, Answer: func(any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: http.StatusOK, Body: bytes.Repeat([]byte("x"), 2*automation.MaxDefinition+1000)}, nil
	}}
	after, err := table.Store.ChangeAutomation(t.Context(), once, org, a.ID, now, func(a *automation.Automation) error { return a.Publish(now) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := table.Store.Automation(t.Context(), org, a.ID)
	if d := cmp.Diff(after.Published.Draft, got.Published.Draft); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%.2000s", err, d)
	}
}

// One of two automations with a path gets it. It is free again when that one is deleted, or
// published with another path.
func TestChangeAutomation_Path(t *testing.T) {
	table := dynamotest.Open(t)
	org, now := table.Org(t, ledger.Credit), time.Now()
	publish := func(a automation.Automation, path string) error {
		_, err := table.Store.ChangeAutomation(t.Context(), nil, org, a.ID, now, func(a *automation.Automation) error {
			a.Draft.Trigger.Path = path
			return a.Publish(now)
		})
		return err
	}
	first, second := newAutomation(org, now), newAutomation(org, now)
	path := first.Draft.Trigger.Path
	for _, a := range []automation.Automation{first, second} {
		if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name  string
		err   error
		taken bool
	}{
		{"the first", publish(first, path), false},
		{"the first again", publish(first, path), false},
		{"the second", publish(second, path), true},
		{"the first with another path", publish(first, path+"-old"), false},
		{"the second then", publish(second, path), false},
		{"the first once more", publish(first, path), true},
		{"without the second", table.Store.DeleteAutomation(t.Context(), nil, org, second.ID), false},
		{"the first at last", publish(first, path), false},
	} {
		if step.taken != (fault.From(step.err) != nil && fault.From(step.err).Message == automation.ErrPathTaken.Message) || !step.taken && step.err != nil {
			t.Errorf("%s: got %v, want the path taken: %t", step.name, step.err, step.taken)
		}
	}
}
