package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Reader reads webhooks.
type Reader interface {
	Webhook(ctx context.Context, orgID, id string) (delivery.Webhook, error)
}

// Get answers GET /webhooks/{id}.
func Get(auth wire.Authenticator, webhooks Reader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (webhookShape, error) {
		e, err := webhookOf(r, webhooks, caller)
		if err != nil {
			return webhookShape{}, err
		}
		return shapeOfWebhook(e), nil
	})
}
