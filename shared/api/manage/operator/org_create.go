// Package operator has the handlers for operators, who manage all orgs.
package operator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/manage/org"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// OrgCreator stores new orgs.
type OrgCreator interface {
	wire.Keeper
	CreateOwnedOrg(ctx context.Context, once *idempotency.Change, o identity.Org, a ledger.Account, owner identity.User) error
}

// UserCreator creates users.
type UserCreator interface {
	CreateUser(ctx context.Context, email string) (userID string, err error)
}

// OrgCreate answers POST /operator/orgs: it creates an org without credits, and its owner. A new user
// receives an invitation by email.
func OrgCreate(operators wire.Authenticator, orgs OrgCreator, users UserCreator, now func() time.Time) http.Handler {
	return frame.Change(operators, nil, orgs, func(r *http.Request, _ identity.Caller, once *idempotency.Change) (identity.Org, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.Org{}, err
		}
		o, err := readOrg(fields, now())
		if err != nil {
			return identity.Org{}, err
		}
		id, err := users.CreateUser(r.Context(), o.Email)
		if err != nil {
			return identity.Org{}, err
		}
		owner := identity.User{ID: id, OrgID: o.ID, Email: o.Email, Role: identity.Owner, CreatedAt: o.CreatedAt}
		return o, orgs.CreateOwnedOrg(r.Context(), once, o, ledger.NewAccount(o.ID, 0), owner)
	}, http.StatusCreated, org.ShapeOf)
}

func readOrg(fields body.Object, now time.Time) (identity.Org, error) {
	fields = fields.Allow("name", "email")
	name, err := fields.String("name", identity.NameRule)
	if err != nil {
		return identity.Org{}, err
	}
	if err := identity.ValidateName(name); err != nil {
		return identity.Org{}, err
	}
	raw, err := fields.String("email", identity.EmailRule)
	if err != nil {
		return identity.Org{}, err
	}
	email, err := identity.CleanEmail(raw)
	if err != nil {
		return identity.Org{}, err
	}
	id, err := uuid.NewV7()
	return identity.Org{ID: id.String(), Name: strings.TrimSpace(name), Email: email, CreatedAt: now.Truncate(time.Millisecond)}, err
}
