package automation

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Changer changes automations.
type Changer interface {
	wire.Keeper
	ChangeAutomation(
		ctx context.Context, once *idempotency.Change, orgID, id string, now time.Time, next func(*automation.Automation) error,
	) (automation.Automation, error)
}

// Update answers PATCH /automations/{id}. The published definition stays as it is; disabled alone
// takes effect at once.
func Update(auth wire.Authenticator, automations Changer, desk Desk) http.Handler {
	return changing(func(base string, minted *string) http.Handler {
		return frame.Change(auth, identity.Caller.MayManage, automations, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (automation.Automation, error) {
			id, err := automationID(r)
			if err != nil {
				return automation.Automation{}, err
			}
			fields, err := body.Read(r)
			if err != nil {
				return automation.Automation{}, err
			}
			c, err := readChange(fields)
			if err != nil {
				return automation.Automation{}, err
			}
			var secret string
			after, err := automations.ChangeAutomation(r.Context(), once, caller.OrgID, id, desk.Now(), func(a *automation.Automation) (err error) {
				secret, err = desk.apply(r.Context(), c, a)
				return err
			})
			*minted = secret // the answer that the store keeps has none
			return after, err
		}, http.StatusOK, func(a automation.Automation) wholeShape { return shapeOf(base, a, *minted) })
	})
}

// apply makes a change, and returns the secret that was made for it.
func (d Desk) apply(ctx context.Context, c change, a *automation.Automation) (minted string, err error) {
	if c.name != nil {
		a.Name = *c.name
	}
	if c.disabled != nil {
		if err := a.Disable(*c.disabled, d.Now()); err != nil {
			return "", err
		}
	}
	if c.definition.empty() {
		return "", nil
	}
	p, err := c.definition.parse(a.Draft.Definition)
	if err != nil {
		return "", err
	}
	return d.edit(ctx, a, p)
}
