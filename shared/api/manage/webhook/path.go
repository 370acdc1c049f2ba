package webhook

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// webhookID returns the webhook that the path names. What can be no id is none.
func webhookID(r *http.Request) (string, error) {
	id := param.PathID(r, "id")
	if !param.IsID(id) {
		return "", delivery.ErrNoWebhook
	}
	return id, nil
}

// webhookOf returns the webhook that the path names.
func webhookOf(r *http.Request, webhooks Reader, caller identity.Caller) (delivery.Webhook, error) {
	id, err := webhookID(r)
	if err != nil {
		return delivery.Webhook{}, err
	}
	return webhooks.Webhook(r.Context(), caller.OrgID, id)
}

// targetOf returns the id of what the path names the deliveries or the secret
// of: delivery.Callbacks, or a webhook, which find finds.
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

// openWebhookOf is webhookOf for what is to be sent there.
func openWebhookOf(r *http.Request, webhooks Reader, caller identity.Caller) (delivery.Webhook, error) {
	e, err := webhookOf(r, webhooks, caller)
	if err == nil && e.Disabled {
		err = delivery.ErrDisabled
	}
	return e, err
}
