package contract_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// addWebhooks makes a neighbour's endpoint, and an org that has as many as it
// may have.
func (w *world) addWebhooks(t *testing.T, other string) {
	t.Helper()
	w.names["OTHER_WEBHOOK"] = w.webhook(t, other)
	full := w.Org(t, ledger.Credit)
	for range delivery.MaxEndpoints {
		w.webhook(t, full)
	}
	w.names["FULL_WEBHOOKS_KEY"], _ = w.Key(t, full, "")
}

// renewWebhooks leaves the world's org with two endpoints.
func (w *world) renewWebhooks(t *testing.T) {
	t.Helper()
	old, err := w.Store.Endpoints(t.Context(), w.org, "", delivery.MaxEndpoints)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range old {
		if err := w.Store.DeleteEndpoint(t.Context(), w.org, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.webhook(t, w.org)
	w.names["WEBHOOK"] = w.webhook(t, w.org)
}

// webhook makes an endpoint where nobody is.
func (w *world) webhook(t *testing.T, orgID string) string {
	t.Helper()
	_, sealed, err := later.Secrets(w.deps(dynamotest.Endpoint(), "")).Mint(t.Context(), orgID)
	if err != nil {
		t.Fatal(err)
	}
	e := delivery.Endpoint{ID: delivery.NewID(), OrgID: orgID, URL: "http://127.0.0.1:1/", Events: event.Types, CreatedAt: w.Now()}
	if err := w.Store.CreateEndpoint(t.Context(), e, sealed); err != nil {
		t.Fatal(err)
	}
	return e.ID
}
