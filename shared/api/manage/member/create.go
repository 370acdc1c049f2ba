// Package member manages the members of an org.
package member

import (
	"context"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Adder adds members.
type Adder interface {
	Add(ctx context.Context, orgID, email string, role account.Role) (account.User, error)
}

// Create answers POST /org/members: the user of an email address becomes
// a member. Somebody new is invited by email, with a temporary password.
func Create(auth wire.Authenticator, kept wire.Keeper, members Adder) http.Handler {
	return frame.Change(auth, account.Caller.MayOwn, kept, func(r *http.Request, caller account.Caller) (account.User, error) {
		body, err := wire.ReadObject(r)
		if err != nil {
			return account.User{}, err
		}
		raw, err := body.String("email")
		if err != nil {
			return account.User{}, err
		}
		email, err := account.CleanEmail(raw)
		if err != nil {
			return account.User{}, err
		}
		role, err := readRole(body)
		if err != nil {
			return account.User{}, err
		}
		return members.Add(r.Context(), caller.OrgID, email, role)
	}, http.StatusCreated, shapeOfMember)
}

func readRole(body wire.Object) (account.Role, error) {
	text, err := body.String("role")
	if err != nil {
		return "", err
	}
	role := account.Role(text)
	if !slices.Contains(account.Roles, role) {
		return "", fault.Field("role", "role must be owner or member")
	}
	return role, nil
}
