package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Deleter deletes webhooks.
type Deleter interface {
	wire.Keeper
	DeleteWebhook(ctx context.Context, once *idempotency.Change, orgID, id string) error
}

// Delete answers DELETE /webhooks/{id}.
func Delete(auth wire.Authenticator, webhooks Deleter) http.Handler {
	return frame.Delete(auth, identity.Caller.MayManage, webhooks, func(r *http.Request, caller identity.Caller, once *idempotency.Change) error {
		id, err := webhookID(r)
		if err != nil {
			return err
		}
		return webhooks.DeleteWebhook(r.Context(), once, caller.OrgID, id)
	})
}
