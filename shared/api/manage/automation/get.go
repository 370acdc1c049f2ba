package automation

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Reader reads automations.
type Reader interface {
	Automation(ctx context.Context, orgID, id string) (automation.Automation, error)
}

// Get answers GET /automations/{id} with the draft and with what runs.
func Get(auth wire.Authenticator, automations Reader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (wholeShape, error) {
		id, err := automationID(r)
		if err != nil {
			return wholeShape{}, err
		}
		a, err := automations.Automation(r.Context(), caller.OrgID, id)
		if err != nil {
			return wholeShape{}, err
		}
		return shapeOf(wire.BaseURL(r.Context()), a, ""), nil
	})
}
