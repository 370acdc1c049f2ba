package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// WebhookDeleter deletes endpoints.
type WebhookDeleter interface {
	wire.Keeper
	DeleteEndpoint(ctx context.Context, orgID, id string) error
}

// WebhookDelete answers DELETE /webhooks/{id}.
func WebhookDelete(auth wire.Authenticator, webhooks WebhookDeleter) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, account.Caller.MayManage, webhooks, func(r *http.Request, caller account.Caller) (struct{}, error) {
		id, err := webhookID(r)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, webhooks.DeleteEndpoint(r.Context(), caller.OrgID, id)
	}, func(struct{}) wire.Answer { return envelope.Changed(http.StatusOK, envelope.Deleted{Deleted: true}) }))
}
