package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists webhooks.
type Lister interface {
	Webhooks(ctx context.Context, orgID, after string, limit int) ([]delivery.Webhook, error)
}

// List answers GET /webhooks: a page of the org's webhooks, newest
// first.
func List(auth wire.Authenticator, webhooks Lister) http.Handler {
	return frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]delivery.Webhook, error) {
		return webhooks.Webhooks(r.Context(), caller.OrgID, after.LastID(), limit)
	}, shapeOfWebhook, func(row delivery.Webhook) frame.Cursor { return frame.Cursor{ID: row.ID, At: row.CreatedAt} })
}
