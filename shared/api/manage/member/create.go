// Package member manages the members of an org.
package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Adder adds members.
type Adder interface {
	Add(ctx context.Context, once *idempotency.Change, orgID, email string, role identity.Role) (identity.User, error)
}

// Create answers POST /org/members: it makes the user of an email address a member. A new user receives
// an invitation by email, with a temporary password.
func Create(auth wire.Authenticator, kept wire.Keeper, members Adder) http.Handler {
	return frame.Change(auth, identity.Caller.MayOwn, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.User, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.User{}, err
		}
		email, role, err := readMember(fields)
		if err != nil {
			return identity.User{}, err
		}
		return members.Add(r.Context(), once, caller.OrgID, email, role)
	}, http.StatusCreated, shapeOfMember)
}

func readMember(fields body.Object) (email string, role identity.Role, err error) {
	fields = fields.Allow("email", "role")
	if email, err = fields.String("email", identity.EmailRule); err != nil {
		return "", "", err
	}
	if email, err = identity.CleanEmail(email); err != nil {
		return "", "", err
	}
	role, err = readRole(fields)
	return email, role, err
}

func readRole(fields body.Object) (identity.Role, error) {
	role, err := fields.OneOf("role", string(identity.Owner), string(identity.Member))
	return identity.Role(role), err
}
