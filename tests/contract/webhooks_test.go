package contract_test

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// addWebhooks creates a webhook of the other org, and an org with the largest number of webhooks.
func (w *world) addWebhooks(t *testing.T, other string) {
	t.Helper()
	w.names["OTHER_WEBHOOK"] = w.webhook(t, other)
	full := w.Org(t, ledger.Credit)
	for range delivery.MaxWebhooks {
		w.webhook(t, full)
	}
	w.names["FULL_WEBHOOKS_KEY"], _ = w.Key(t, full, "")
}

// renewWebhooks resets the world's org to two webhooks.
func (w *world) renewWebhooks(t *testing.T) {
	t.Helper()
	old, err := w.Store.Webhooks(t.Context(), w.org, "", delivery.MaxWebhooks)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range old {
		if err := w.Store.DeleteWebhook(t.Context(), nil, w.org, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	closed, open := w.webhook(t, w.org), w.webhook(t, w.org)
	if _, err := w.Store.UpdateWebhook(t.Context(), nil, w.org, closed, delivery.WebhookPatch{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	tried := w.toWebhook(t, w.org, open, "")
	w.attempt(t, tried, delivery.Failed, delivery.Attempt{At: w.Now(), Failure: delivery.Refused})
	answered := w.toWebhook(t, w.org, open, "")
	w.attempt(t, answered, delivery.Delivered, delivery.Attempt{At: w.Now(), Duration: time.Second, Status: 200, Answer: "thanks"})
	busy := w.toWebhook(t, w.org, open, "")
	if d, err := w.Store.ClaimDelivery(t.Context(), busy, "lease", w.Now(), w.Now().Add(time.Hour)); err != nil || d == nil {
		t.Fatalf("got %v, %v, want a delivery", d, err)
	}
	maps.Copy(w.names, map[string]string{"WEBHOOK": open, "CLOSED_WEBHOOK": closed, "DELIVERY": tried.ID, "BUSY_DELIVERY": busy.ID})
}

// webhook creates a webhook with a URL that nothing serves.
func (w *world) webhook(t *testing.T, orgID string) string {
	t.Helper()
	_, sealed, err := later.Secrets(w.deps(dynamotest.Endpoint(), "")).Mint(t.Context(), orgID)
	if err != nil {
		t.Fatal(err)
	}
	return w.webhookAt(t, orgID, "http://127.0.0.1:1/", sealed)
}

func (w *world) webhookAt(t *testing.T, orgID, url string, sealed []byte) string {
	t.Helper()
	e := delivery.Webhook{ID: delivery.NewID(), OrgID: orgID, URL: url, Events: event.Types, CreatedAt: w.Now()}
	if err := w.Store.CreateWebhook(t.Context(), nil, e, sealed); err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// webhookDeliveries stores deliveries to a webhook that answers, to a disabled one, and to an
// unknown one. The first has a successor.
func (w *world) webhookDeliveries(t *testing.T, url string) []any {
	t.Helper()
	org := w.Org(t, ledger.Credit)
	on, off := w.webhook(t, org), w.webhook(t, org)
	if _, err := w.Store.UpdateWebhook(t.Context(), nil, org, on, delivery.WebhookPatch{URL: &url}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.UpdateWebhook(t.Context(), nil, org, off, delivery.WebhookPatch{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, target := range []string{on, off, nowhere} {
		all = append(all, w.toWebhook(t, org, target, nowhere))
	}
	return all
}

// toWebhook stores a delivery to a webhook.
func (w *world) toWebhook(t *testing.T, org, id, next string) delivery.Ref {
	t.Helper()
	d := delivery.Delivery{
		Ref: delivery.Ref{OrgID: org, Target: id, ID: delivery.NewID()}, EventID: "evt_1", Type: event.AgentDeleted, Body: []byte("{}"),
		CreatedAt: w.Now(), NextAt: w.Now(), Status: delivery.Pending, Next: next,
	}
	if err := w.Store.CreateDelivery(t.Context(), nil, d); err != nil {
		t.Fatal(err)
	}
	return d.Ref
}

// attempt makes a delivery's only attempt.
func (w *world) attempt(t *testing.T, r delivery.Ref, status delivery.Status, a delivery.Attempt) {
	t.Helper()
	d, err := w.Store.ClaimDelivery(t.Context(), r, "lease", w.Now(), w.Now().Add(time.Minute))
	if err != nil || d == nil {
		t.Fatalf("got %v, %v, want a delivery", d, err)
	}
	d.Status, d.Made, d.Attempts = status, 1, []delivery.Attempt{a}
	if _, err := w.Store.RecordDelivery(t.Context(), *d); err != nil {
		t.Fatal(err)
	}
}

// exerciseChanges passes a function the items of a thread with two turns as new, and the fall of
// an account in parts.
func (w *world) exerciseChanges(t *testing.T, follow boot.Follow) {
	t.Helper()
	w.talk(t, w.names["TALKED_THREAD"], w.names["AGENT"])
	w.talk(t, w.names["TALKED_THREAD"], w.names["AGENT"])
	rows := append(w.turnRows(t), w.poorInParts(t))
	for range 2 {
		if done, err := follow(context.Background(), rows); err != nil || done != len(rows) || done == 0 {
			t.Errorf("got %d of %d records processed, %v, want all", done, len(rows), err)
		}
	}
}

// turnRows returns the table's turns as new records.
func (w *world) turnRows(t *testing.T) (rows []boot.Row) {
	t.Helper()
	for _, it := range w.Items(t) {
		if sk, ok := it["sk"].(*types.AttributeValueMemberS); ok && strings.HasPrefix(sk.Value, "TURN#") {
			rows = append(rows, boot.Row{ID: "1", At: w.Now(), After: it})
		}
	}
	return rows
}

// outbox collects the sent messages.
type outbox struct{ refs []any }

func (o *outbox) Send(_ context.Context, messages ...work.Message) error {
	for _, m := range messages {
		o.refs = append(o.refs, m.Body)
	}
	return nil
}

// fanouts processes the turns of a thread, and an event that exceeds one item, and returns the
// fan-outs. Of two in one thread the second waits for the first.
func (w *world) fanouts(t *testing.T) []any {
	t.Helper()
	w.talk(t, w.names["TALKED_THREAD"], w.names["AGENT"])
	w.talk(t, w.names["TALKED_THREAD"], w.names["AGENT"])
	out := &outbox{}
	feed := &event.Feed{Store: w.Store, Workers: out, Now: w.Now}
	var changes []event.Change
	for _, row := range w.turnRows(t) {
		c, err := dynamo.ReadChange(nil, row.After)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, c)
	}
	long := turn.Turn{
		ID: turn.NewID(), OrgID: w.org, AgentID: w.names["AGENT"], ThreadID: "long", Starts: true, SettledAt: w.Now(),
		Assistant: hex.EncodeToString(incompressible(1 << 20)),
	}
	changes = append(changes, event.Change{ID: "2", At: w.Now(), Turn: &long})
	if done, err := feed.Follow(t.Context(), changes); err != nil || done != len(changes) {
		t.Fatalf("got %d processed, %v, want all", done, err)
	}
	return out.refs
}

// poorInParts takes all credits from an org that has a webhook and an account in parts.
func (w *world) poorInParts(t *testing.T) boot.Row {
	t.Helper()
	org := w.Org(t, 100*ledger.Credit, func(a *ledger.Account) { a.Shards = 2 })
	w.webhook(t, org)
	first := func() map[string]types.AttributeValue {
		items := w.Items(t)
		return items[slices.IndexFunc(items, func(it map[string]types.AttributeValue) bool {
			id, ok := it["org_id"].(*types.AttributeValueMemberS)
			return ok && id.Value == org && it["sk"].(*types.AttributeValueMemberS).Value == "ACCOUNT"
		})]
	}
	before := first()
	err := w.Store.AddEntry(t.Context(), nil, ledger.Entry{
		ID: nowhere, OrgID: org, Kind: ledger.Adjustment, Amount: -100 * ledger.Credit, Reason: "x", At: w.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return boot.Row{ID: "2", At: w.Now(), Before: before, After: first()}
}
