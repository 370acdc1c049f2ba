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
		e, err := webhookOf(r, webhooks, caller)
		if err != nil {
			return err
		}
		return envelope.Show(w, shapeOfWebhook(e))
	}))
}
