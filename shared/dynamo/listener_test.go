package dynamo_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Triggers of automations share the partition of webhooks, and neither take their places nor show
// in their list or as their changes.
func TestListeners_WebhooksAndTriggers(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, ledger.Credit)
	now := time.Now().UTC().Truncate(time.Millisecond)
	var want event.Listeners
	listen := func() {
		a := automation.Automation{ID: automation.NewID(), OrgID: org, Name: "x", CreatedAt: now, UpdatedAt: now, Revision: 1}
		if err := table.Store.CreateAutomation(t.Context(), nil, a); err != nil {
			t.Fatal(err)
		}
		_, err := table.Store.ChangeAutomation(t.Context(), nil, org, a.ID, now, func(a *automation.Automation) error {
			trigger := automation.Trigger{Type: automation.OnEvent, Event: event.TurnFailed, AgentID: "agent"}
			a.Published = &automation.Published{Draft: automation.Draft{Definition: automation.Definition{Trigger: trigger}}, Version: 1, At: now}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want.Triggers = append(want.Triggers, event.Trigger{OrgID: org, AutomationID: a.ID, Event: event.TurnFailed, AgentID: "agent", Since: now})
	}
	listen()
	for range delivery.MaxWebhooks {
		e := newWebhook(org)
		if err := table.Store.CreateWebhook(t.Context(), nil, e, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
		want.Webhooks = append(want.Webhooks, e)
	}
	listen()
	got, err := table.Store.Listeners(t.Context(), org)
	byID := cmpopts.SortSlices(func(a, b delivery.Webhook) bool { return a.ID < b.ID })
	if d := cmp.Diff(want, got, byID, cmpopts.SortSlices(func(a, b event.Trigger) bool { return a.AutomationID < b.AutomationID })); d != "" || err != nil {
		t.Errorf("%v; listeners (-want +got):\n%s", err, d)
	}
	var listed []delivery.Webhook
	for after := ""; ; after = listed[len(listed)-1].ID {
		page, err := table.Store.Webhooks(t.Context(), org, after, 7)
		if err != nil {
			t.Fatal(err)
		}
		if listed = append(listed, page...); len(page) < 7 {
			break
		}
	}
	if d := cmp.Diff(want.Webhooks, listed, byID); d != "" {
		t.Errorf("list of webhooks (-want +got):\n%s", d)
	}
	triggers := 0
	for _, it := range table.Items(t) {
		if sk, ok := it["sk"].(*types.AttributeValueMemberS); !ok || len(sk.Value) < 8 || sk.Value[:8] != "trigger#" {
			continue
		}
		triggers++
		if c, err := dynamo.ReadChange(it, it); err != nil || c.Webhook != nil {
			t.Errorf("got the change %+v, %v, want none of a webhook", c, err)
		}
	}
	if triggers != 2 {
		t.Errorf("got %d rows of triggers, want 2", triggers)
	}
}
