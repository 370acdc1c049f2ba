package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Updater changes webhooks.
type Updater interface {
	wire.Keeper
	UpdateWebhook(ctx context.Context, once *idempotency.Change, orgID, id string, p delivery.WebhookPatch) (delivery.Webhook, error)
}

// Update answers PATCH /webhooks/{id}: it changes the URL, the events or the description, or disables or
// enables the webhook.
func Update(auth wire.Authenticator, webhooks Updater, urls delivery.URLs) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, webhooks, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (delivery.Webhook, error) {
		id, err := webhookID(r)
		if err != nil {
			return delivery.Webhook{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return delivery.Webhook{}, err
		}
		p, err := readUpdate(fields)
		if err != nil {
			return delivery.Webhook{}, err
		}
		if p.URL != nil {
			if err := urls.Check(r.Context(), "url", *p.URL); err != nil {
				return delivery.Webhook{}, err
			}
		}
		return webhooks.UpdateWebhook(r.Context(), once, caller.OrgID, id, p)
	}, http.StatusOK, shapeOfWebhook)
}

func readUpdate(fields body.Object) (delivery.WebhookPatch, error) {
	fields = fields.Allow("url", "events", "description", "status")
	p, err := readWebhookPatch(fields)
	if err != nil {
		return p, err
	}
	if p.Disabled, err = readWebhookStatus(fields); err != nil {
		return p, err
	}
	if p == (delivery.WebhookPatch{}) {
		return p, fields.NoChange()
	}
	return p, nil
}

// readWebhookPatch reads the fields that create and update have in common.
func readWebhookPatch(fields body.Object) (p delivery.WebhookPatch, err error) {
	if p.URL, err = fields.OptionalString("url", delivery.URLRule); err != nil {
		return p, err
	}
	types, err := fields.OptionalStrings("events", event.Rule)
	if err != nil {
		return p, err
	}
	if types != nil {
		if types, err = event.Check("events", types); err != nil {
			return p, err
		}
		p.Events = &types
	}
	text, err := fields.OptionalString("description", delivery.DescriptionRule)
	if err != nil {
		return p, err
	}
	if fields.IsNull("description") {
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

func readWebhookStatus(fields body.Object) (off *bool, err error) {
	status, err := fields.OptionalOneOf("status", enabled, disabled)
	if err != nil || status == "" {
		return nil, err
	}
	return new(status == disabled), nil
}
