package dynamo_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func newWebhook(orgID string) delivery.Webhook {
	return delivery.Webhook{
		ID: delivery.NewID(), OrgID: orgID, URL: "https://example.com/", Description: "x", Events: []string{"turn.failed"},
		CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
	}
}

// Concurrent creations never exceed an org's limit of webhooks.
func TestCreateWebhook_Limit(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, ledger.Credit)
	var made, refused atomic.Int64
	var all sync.WaitGroup
	for range delivery.MaxWebhooks + 8 {
		all.Go(func() {
			switch err := table.Store.CreateWebhook(t.Context(), nil, newWebhook(org), []byte("sealed")); {
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
	listed, err := table.Store.Webhooks(t.Context(), org, "", 100)
	if err != nil || made.Load() != delivery.MaxWebhooks || refused.Load() != 8 || len(listed) != delivery.MaxWebhooks {
		t.Fatalf("got %d created, %d refused, %d listed webhooks, error %v; want %d, 8, %d", made.Load(), refused.Load(), len(listed), err, delivery.MaxWebhooks, delivery.MaxWebhooks)
	}
	if err := table.Store.DeleteWebhook(t.Context(), nil, org, listed[3].ID); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.DeleteWebhook(t.Context(), nil, org, listed[3].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v for the second deletion, want NotFound", err)
	}
	if err := table.Store.CreateWebhook(t.Context(), nil, newWebhook(org), []byte("sealed")); err != nil {
		t.Errorf("in the place of one that is gone: %v", err)
	}
	if pair, err := table.Store.SecretPair(t.Context(), org, listed[3].ID); err != nil || pair.Current != nil {
		t.Errorf("got %v and a secret of the deleted webhook, want none", err)
	}
}

func TestUpdateWebhook(t *testing.T) {
	table := dynamotest.Open(t)
	org, other := table.Org(t, ledger.Credit), table.Org(t, ledger.Credit)
	want := newWebhook(org)
	if err := table.Store.CreateWebhook(t.Context(), nil, want, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	check := func(step string) {
		t.Helper()
		got, err := table.Store.Webhook(t.Context(), org, want.ID)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", step, err, d)
		}
	}
	check("made")
	foreign := want
	foreign.OrgID = other
	since := want.CreatedAt.Add(time.Hour)
	for step, change := range map[string]func() error{
		"failing":     func() error { return table.Store.MarkFailing(t.Context(), want, since) },
		"still so":    func() error { return table.Store.MarkFailing(t.Context(), want, since) },
		"another org": func() error { return table.Store.MarkFailing(t.Context(), foreign, since) },
	} {
		if err := change(); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	want.FailingSince = since
	check("failing")
	if err := table.Store.MarkFailing(t.Context(), want, since.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	check("failing since before")
	for _, why := range []delivery.Reason{delivery.Gone, delivery.Failing} { // the first counts
		if err := table.Store.DisableWebhook(t.Context(), want, why, since); err != nil {
			t.Fatal(err)
		}
	}
	want.Disabled, want.Reason = true, delivery.Gone
	check("turned off")
	p := delivery.WebhookPatch{URL: new("https://example.com/2"), Description: new(""), Events: &[]string{"credits.low"}, Disabled: new(false)}
	got, err := table.Store.UpdateWebhook(t.Context(), nil, org, want.ID, p)
	want = p.Apply(want)
	if d := cmp.Diff(want, got); err != nil || d != "" || want.Disabled || !want.FailingSince.IsZero() {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	check("turned on")
	if _, err := table.Store.UpdateWebhook(t.Context(), nil, other, want.ID, p); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v for a webhook of another org, want NotFound", err)
	}
}

// The result of an attempt at an old URL does not change a webhook with a new URL.
func TestMarkFailing_ChangedURL(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, ledger.Credit)
	old := newWebhook(org)
	if err := table.Store.CreateWebhook(t.Context(), nil, old, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.MarkFailing(t.Context(), old, old.CreatedAt); err != nil {
		t.Fatal(err)
	}
	want, err := table.Store.UpdateWebhook(t.Context(), nil, org, old.ID, delivery.WebhookPatch{URL: new("https://example.com/moved")})
	if err != nil || !want.FailingSince.IsZero() {
		t.Fatalf("got webhook %+v, %v; want it without failures", want, err)
	}
	for step, late := range map[string]func() error{
		"gone":    func() error { return table.Store.DisableWebhook(t.Context(), old, delivery.Gone, time.Now()) },
		"failing": func() error { return table.Store.MarkFailing(t.Context(), old, time.Now()) },
	} {
		if err := late(); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		got, err := table.Store.Webhook(t.Context(), org, old.ID)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s at the old URL: %v (-want +got):\n%s", step, err, d)
		}
	}
	if err := table.Store.MarkFailing(t.Context(), want, old.CreatedAt); err != nil {
		t.Fatal(err)
	}
	if err := table.Store.MarkFailing(t.Context(), old, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Store.Webhook(t.Context(), org, old.ID); err != nil || got.FailingSince.IsZero() {
		t.Errorf("got the failures of the new URL reset by an attempt at the old one (%v), want them kept", err)
	}
	got, err := table.Store.UpdateWebhook(t.Context(), nil, org, old.ID, delivery.WebhookPatch{URL: &want.URL})
	if err != nil || got.FailingSince.IsZero() {
		t.Errorf("got webhook %+v, %v; want its failures kept for the same URL", got, err)
	}
}
