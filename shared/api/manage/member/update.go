package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// RoleChanger changes members' roles.
type RoleChanger interface {
	wire.Keeper
	ChangeRole(ctx context.Context, once *idempotency.Change, orgID, userID string, role identity.Role) (identity.User, error)
}

// Update answers PATCH /org/members/{id}: it changes the member's role.
func Update(auth wire.Authenticator, members RoleChanger) http.Handler {
	return frame.Change(auth, identity.Caller.MayOwn, members, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.User, error) {
		id, err := memberID(r)
		if err != nil {
			return identity.User{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return identity.User{}, err
		}
		role, err := readChange(fields)
		if err != nil {
			return identity.User{}, err
		}
		return members.ChangeRole(r.Context(), once, caller.OrgID, id, role)
	}, http.StatusOK, shapeOfMember)
}

func readChange(fields body.Object) (identity.Role, error) { return readRole(fields.Allow("role")) }

// memberID returns the member id in the path. The error is NotFound for a malformed id.
func memberID(r *http.Request) (string, error) {
	id := param.PathID(r, "id")
	if !param.IsID(id) {
		return "", identity.ErrNoMember
	}
	return id, nil
}
