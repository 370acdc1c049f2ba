package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// Deleter deletes endpoints.
type Deleter interface {
	wire.Keeper
	DeleteEndpoint(ctx context.Context, orgID, id string) error
}

// Delete answers DELETE /webhooks/{id}.
func Delete(auth wire.Authenticator, webhooks Deleter) http.Handler {
	return frame.Delete(auth, account.Caller.MayManage, webhooks, func(r *http.Request, caller account.Caller) error {
		id, err := webhookID(r)
		if err != nil {
			return err
		}
		return webhooks.DeleteEndpoint(r.Context(), caller.OrgID, id)
	})
}
