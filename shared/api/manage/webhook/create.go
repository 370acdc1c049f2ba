// Package webhook manages an org's webhooks, their secrets and their deliveries.
package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Creator stores new webhooks, without their secrets: a replayed answer
// has none.
type Creator interface {
	wire.Keeper
	CreateWebhook(ctx context.Context, once *idempotency.Change, e delivery.Webhook, sealed []byte) error
}

// SecretMinter creates secrets, in plain and sealed form.
type SecretMinter interface {
	Mint(ctx context.Context, orgID string) (plain string, sealed []byte, err error)
}

// Create answers POST /webhooks with a new webhook and its secret. No later answer shows the secret
// again.
func Create(auth wire.Authenticator, webhooks Creator, secrets SecretMinter, urls delivery.URLs, now func() time.Time) http.Handler {
	return wire.NoStore(frame.Change(auth, identity.Caller.MayManage, webhooks, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (delivery.Webhook, error) {
		fields, err := body.Read(r)
		if err != nil {
			return delivery.Webhook{}, err
		}
		e, err := readWebhook(fields)
		if err != nil {
			return delivery.Webhook{}, err
		}
		if err := urls.Check(r.Context(), "url", e.URL); err != nil {
			return delivery.Webhook{}, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return delivery.Webhook{}, err
		}
		plain, sealed, err := secrets.Mint(r.Context(), caller.OrgID)
		if err != nil {
			return delivery.Webhook{}, err
		}
		e.ID, e.OrgID, e.CreatedAt, e.Secret = id.String(), caller.OrgID, now(), plain
		return e, webhooks.CreateWebhook(r.Context(), once, e, sealed)
	}, http.StatusCreated, shapeOfWebhook))
}

func readWebhook(fields body.Object) (delivery.Webhook, error) {
	fields = fields.Allow("url", "events", "description")
	url, err := fields.String("url", delivery.URLRule)
	if err != nil {
		return delivery.Webhook{}, err
	}
	p, err := readWebhookPatch(fields)
	if err != nil {
		return delivery.Webhook{}, err
	}
	if p.Events == nil {
		return delivery.Webhook{}, fields.Missing("events", event.Rule)
	}
	p.URL = &url
	return p.Apply(delivery.Webhook{}), nil
}
