package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/delivery"
)

// WebhookReader reads endpoints.
type WebhookReader interface {
	Endpoint(ctx context.Context, orgID, id string) (delivery.Endpoint, error)
}

// WebhookGet answers GET /webhooks/{id}.
func WebhookGet(auth wire.Authenticator, webhooks WebhookReader) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		id, err := webhookID(r)
		if err != nil {
			return err
		}
		e, err := webhooks.Endpoint(r.Context(), caller.OrgID, id)
		if err != nil {
			return err
		}
		return envelope.Show(w, shapeOfWebhook(e))
	}))
}

// webhookID returns the endpoint that the path names. What can be no id is none.
func webhookID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !wire.IsID(id) {
		return "", delivery.ErrNoEndpoint
	}
	return id, nil
}
