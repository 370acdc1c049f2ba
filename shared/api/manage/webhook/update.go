package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Updater changes webhooks.
type Updater interface {
	wire.Keeper
	UpdateWebhook(ctx context.Context, orgID, id string, p delivery.WebhookPatch) (delivery.Webhook, error)
}

// Update answers PATCH /webhooks/{id}: another URL, other events, off or
// on again.
func Update(auth wire.Authenticator, webhooks Updater, urls delivery.URLs) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, webhooks, func(r *http.Request, caller identity.Caller) (delivery.Webhook, error) {
		id, err := webhookID(r)
		if err != nil {
			return delivery.Webhook{}, err
		}
		body, err := wire.ReadObject(r)
		if err != nil {
			return delivery.Webhook{}, err
		}
		p, err := readWebhookPatch(body)
		if err != nil {
			return delivery.Webhook{}, err
		}
		if p.Disabled, err = readWebhookStatus(body); err != nil {
			return delivery.Webhook{}, err
		}
		if p == (delivery.WebhookPatch{}) {
			return delivery.Webhook{}, fault.Field("body", "At least one of url, events, description and status is required")
		}
		if p.URL != nil {
			if err := urls.Check(r.Context(), "url", *p.URL); err != nil {
				return delivery.Webhook{}, err
			}
		}
		return webhooks.UpdateWebhook(r.Context(), caller.OrgID, id, p)
	}, http.StatusOK, shapeOfWebhook)
}

// readWebhookPatch reads what can be said of a new webhook, too.
func readWebhookPatch(body wire.Object) (p delivery.WebhookPatch, err error) {
	if p.URL, err = body.OptionalString("url"); err != nil {
		return p, err
	}
	types, err := body.OptionalStrings("events")
	if err != nil {
		return p, err
	}
	if types != nil {
		if types, err = event.Check("events", types); err != nil {
			return p, err
		}
		p.Events = &types
	}
	text, err := body.OptionalString("description")
	if err != nil {
		return p, err
	}
	if body.IsNull("description") {
		text = new("")
	}
	if text != nil {
		description, err := delivery.CleanDescription(*text)
		if err != nil {
			return p, err
		}
		p.Description = &description
	}
	return p, nil
}

func readWebhookStatus(body wire.Object) (off *bool, err error) {
	status, err := body.OptionalString("status")
	if err != nil || status == nil {
		return nil, err
	}
	if *status != enabled && *status != disabled {
		return nil, fault.Field("status", "status must be enabled or disabled")
	}
	return new(*status == disabled), nil
}
