package automation

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Publisher changes automations, and has the agents and the connections that their steps name.
type Publisher interface {
	Changer
	automation.Directory
}

// Signer creates the secret that signs the requests of steps.
type Signer interface {
	Prepare(ctx context.Context, orgID, name string) error
}

// Publish answers POST /automations/{id}/publish: the draft becomes what runs, as the next
// version. Runs that have begun go on with their own version.
func Publish(auth wire.Authenticator, automations Publisher, signer Signer, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := wire.BaseURL(r.Context())
		frame.Change(auth, identity.Caller.MayManage, automations, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (automation.Automation, error) {
			id, err := automationID(r)
			if err != nil {
				return automation.Automation{}, err
			}
			return automations.ChangeAutomation(r.Context(), once, caller.OrgID, id, now(), func(a *automation.Automation) error {
				if err := a.Draft.CheckNames(r.Context(), automations, caller.OrgID); err != nil {
					return err
				}
				if err := signer.Prepare(r.Context(), caller.OrgID, delivery.Callbacks); err != nil {
					return err
				}
				return a.Publish(now())
			})
		}, http.StatusOK, func(a automation.Automation) wholeShape { return shapeOf(base, a, "") }).ServeHTTP(w, r)
	})
}
