package automation

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Deleter deletes automations.
type Deleter interface {
	wire.Keeper
	DeleteAutomation(ctx context.Context, once *idempotency.Change, orgID, id string) error
}

// Delete answers DELETE /automations/{id}. Runs that have not ended are cancelled before their
// next step.
func Delete(auth wire.Authenticator, automations Deleter) http.Handler {
	return frame.Delete(auth, identity.Caller.MayManage, automations, func(r *http.Request, caller identity.Caller, once *idempotency.Change) error {
		id, err := automationID(r)
		if err != nil {
			return err
		}
		return automations.DeleteAutomation(r.Context(), once, caller.OrgID, id)
	})
}
