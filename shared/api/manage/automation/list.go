package automation

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists automations, without their steps and secrets.
type Lister interface {
	Automations(ctx context.Context, orgID, after string, limit int) ([]automation.Automation, error)
}

// List answers GET /automations: a page of the org's automations, newest first.
func List(auth wire.Authenticator, automations Lister) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]automation.Automation, error) {
			return automations.Automations(r.Context(), caller.OrgID, after.LastID(), limit)
		}, rowOf(wire.BaseURL(r.Context())), func(a automation.Automation) frame.Cursor {
			return frame.Cursor{ID: a.ID, At: a.CreatedAt}
		}).ServeHTTP(w, r)
	})
}
