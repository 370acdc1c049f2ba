package webhook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
)

// No body crashes the parsers of webhooks and ranges, and accepted values can be stored.
func FuzzWebhookBodies(f *testing.F) {
	for _, seed := range []string{
		`{"url":"https://a.example/","events":["turn.failed","turn.failed"],"description":" x ","status":"disabled"}`,
		`{"from":"2026-01-31T12:00:00Z","to":"2026-01-31T13:00:00.5+01:00"}`,
		`{"from":"9999-12-31T23:59:60Z","to":"","url":"","description":null}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if e, err := readWebhook(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wantWebhook(t, e)
		}
		if p, err := readWebhookPatch(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wantWebhook(t, p.Apply(delivery.Webhook{URL: "x", Events: event.Types}))
		}
		if _, err := readWebhookStatus(o); err != nil {
			wiretest.WantShowable(t, err)
		}
		if r, err := readRange(o); err != nil {
			wiretest.WantShowable(t, err)
		} else if !r.From.Before(r.To) || delivery.FirstID(r.From) > delivery.FirstID(r.To) {
			t.Errorf("got range %+v accepted, want an error", r)
		}
	})
}

func wantWebhook(t *testing.T, e delivery.Webhook) {
	t.Helper()
	if e.URL != "" {
		wiretest.WantText(t, e.URL, body.Max) // how it must look the checker says
	}
	if known, err := event.Check("events", e.Events); err != nil || len(known) != len(e.Events) {
		t.Errorf("got events %q accepted, want an error", e.Events)
	}
	if e.Description != "" {
		wiretest.WantText(t, e.Description, 4*delivery.MaxDescription)
	}
}

// No path crashes the parser of webhook ids.
func FuzzWebhookID(f *testing.F) {
	wiretest.FuzzPathID(f, "id", webhookID)
}
