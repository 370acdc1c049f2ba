package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// MemberLister lists members.
type MemberLister interface {
	Members(ctx context.Context, orgID string, after *account.User, limit int) ([]account.User, error)
}

// MemberList answers GET /org/members: a page of members, newest first.
func MemberList(auth wire.Authenticator, members MemberLister) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayOwn(); err != nil {
			return err
		}
		limit, c, err := readPage(r)
		if err != nil {
			return err
		}
		var after *account.User
		if c != nil {
			after = &account.User{ID: c.id, CreatedAt: c.at}
		}
		users, err := members.Members(r.Context(), caller.OrgID, after, limit+1)
		if err != nil {
			return err
		}
		return showPage(w, users, limit, shapeOfMember, func(u account.User) cursor { return cursor{u.ID, u.CreatedAt} })
	}))
}
