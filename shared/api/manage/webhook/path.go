package webhook

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// webhookID returns the webhook id in the path. The error is NotFound for a malformed id.
func webhookID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", delivery.ErrNoWebhook)
}

// webhookOf returns the webhook in the path.
func webhookOf(r *http.Request, webhooks Reader, caller identity.Caller) (delivery.Webhook, error) {
	id, err := webhookID(r)
	if err != nil {
		return delivery.Webhook{}, err
	}
	return webhooks.Webhook(r.Context(), caller.OrgID, id)
}

// targetOf returns the target in the path: delivery.Callbacks, or the id of a webhook that find returns.
func targetOf(
	r *http.Request, webhooks Reader, caller identity.Caller,
	find func(*http.Request, Reader, identity.Caller) (delivery.Webhook, error),
) (string, error) {
	if param.PathID(r, "id") == delivery.Callbacks {
		return delivery.Callbacks, nil
	}
	e, err := find(r, webhooks, caller)
	return e.ID, err
}

// openWebhookOf is webhookOf with an error for a disabled webhook.
func openWebhookOf(r *http.Request, webhooks Reader, caller identity.Caller) (delivery.Webhook, error) {
	e, err := webhookOf(r, webhooks, caller)
	if err == nil && e.Disabled {
		err = delivery.ErrDisabled
	}
	return e, err
}
