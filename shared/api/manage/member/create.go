// Package member manages the members of an org.
package member

import (
	"context"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Adder adds members.
type Adder interface {
	Add(ctx context.Context, once *idempotency.Change, orgID, email string, role identity.Role) (identity.User, error)
}

// Create answers POST /org/members: the user of an email address becomes
// a member. Somebody new is invited by email, with a temporary password.
func Create(auth wire.Authenticator, kept wire.Keeper, members Adder) http.Handler {
	return frame.Change(auth, identity.Caller.MayOwn, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.User, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.User{}, err
		}
		raw, err := fields.String("email")
		if err != nil {
			return identity.User{}, err
		}
		email, err := identity.CleanEmail(raw)
		if err != nil {
			return identity.User{}, err
		}
		role, err := readRole(fields)
		if err != nil {
			return identity.User{}, err
		}
		return members.Add(r.Context(), once, caller.OrgID, email, role)
	}, http.StatusCreated, shapeOfMember)
}

func readRole(fields body.Object) (identity.Role, error) {
	text, err := fields.String("role")
	if err != nil {
		return "", err
	}
	role := identity.Role(text)
	if !slices.Contains(identity.Roles, role) {
		return "", fault.Field("role", "role must be owner or member")
	}
	return role, nil
}
