package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
)

// WebhookLister lists endpoints.
type WebhookLister interface {
	Endpoints(ctx context.Context, orgID, after string, limit int) ([]delivery.Endpoint, error)
}

// WebhookList answers GET /webhooks: a page of the org's endpoints, newest
// first.
func WebhookList(auth wire.Authenticator, webhooks WebhookLister) http.Handler {
	return listing(auth, webhooks.Endpoints, shapeOfWebhook, func(e delivery.Endpoint) cursor { return cursor{e.ID, e.CreatedAt} })
}
