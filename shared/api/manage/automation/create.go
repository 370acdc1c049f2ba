// Package automation manages an org's automations. A change goes to the draft, and publishing
// makes the draft what runs. Secrets are taken, and shown once if the service has made them.
package automation

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Creator stores new automations.
type Creator interface {
	wire.Keeper
	CreateAutomation(ctx context.Context, once *idempotency.Change, a automation.Automation) error
}

// Desk is what the handlers that change drafts need beside the automations.
type Desk struct {
	Sealer automation.Sealer
	URLs   delivery.URLs
	Now    func() time.Time
}

// Create answers POST /automations with a new automation, which is a draft. The secret of its
// webhook is shown if the service has made it, and no later answer shows it again.
func Create(auth wire.Authenticator, automations Creator, desk Desk) http.Handler {
	return changing(func(base string, minted *string) http.Handler {
		return frame.Change(auth, identity.Caller.MayManage, automations, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (automation.Automation, error) {
			fields, err := body.Read(r)
			if err != nil {
				return automation.Automation{}, err
			}
			name, parsed, err := readNew(fields)
			if err != nil {
				return automation.Automation{}, err
			}
			a := automation.Automation{ID: automation.NewID(), OrgID: caller.OrgID, Name: name, CreatedAt: desk.Now(), Revision: 1}
			a.UpdatedAt = a.CreatedAt
			secret, err := desk.edit(r.Context(), &a, parsed)
			if err != nil {
				return automation.Automation{}, err
			}
			if err := automations.CreateAutomation(r.Context(), once, a); err != nil {
				return automation.Automation{}, err
			}
			*minted = secret // the answer that the store keeps has none
			return a, nil
		}, http.StatusCreated, func(a automation.Automation) wholeShape { return shapeOf(base, a, *minted) })
	})
}

// changing serves each request with a handler of its own, for answers that may have a secret. It
// gets the base URL of the request, and the place for the secret.
func changing(handler func(base string, minted *string) http.Handler) http.Handler {
	return wire.NoStore(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(wire.BaseURL(r.Context()), new(string)).ServeHTTP(w, r)
	}))
}

// edit gives an automation another draft, and returns the secret that was made for it.
func (d Desk) edit(ctx context.Context, a *automation.Automation, p automation.Parsed) (minted string, err error) {
	if err := p.CheckURLs(ctx, d.URLs, a.Draft.Definition); err != nil {
		return "", err
	}
	a.Draft, minted, err = a.Edit(ctx, p, d.Sealer)
	return minted, err
}
