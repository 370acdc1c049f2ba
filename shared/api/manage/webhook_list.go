package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/delivery"
)

// WebhookLister lists endpoints.
type WebhookLister interface {
	Endpoints(ctx context.Context, orgID, after string, limit int) ([]delivery.Endpoint, error)
}

// WebhookList answers GET /webhooks: a page of the org's endpoints, newest
// first.
func WebhookList(auth wire.Authenticator, webhooks WebhookLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		return answerPage(w, r, func(after *cursor, limit int) ([]delivery.Endpoint, error) {
			return webhooks.Endpoints(r.Context(), caller.OrgID, after.lastID(), limit)
		}, shapeOfWebhook, func(e delivery.Endpoint) cursor { return cursor{e.ID, e.CreatedAt} })
	}))
}
