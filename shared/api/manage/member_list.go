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
	return pages(auth, account.Caller.MayOwn, func(ctx context.Context, orgID string, c *cursor, limit int) ([]account.User, error) {
		var after *account.User
		if c != nil {
			after = &account.User{ID: c.id, CreatedAt: c.at}
		}
		return members.Members(ctx, orgID, after, limit)
	}, shapeOfMember, func(u account.User) cursor { return cursor{u.ID, u.CreatedAt} })
}
