package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// Lister lists members.
type Lister interface {
	Members(ctx context.Context, orgID string, after *account.User, limit int) ([]account.User, error)
}

// List answers GET /org/members: a page of members, newest first.
func List(auth wire.Authenticator, members Lister) http.Handler {
	return frame.List(auth, account.Caller.MayOwn, func(r *http.Request, caller account.Caller, after *frame.Cursor, limit int) ([]account.User, error) {
		return members.Members(r.Context(), caller.OrgID, frame.LastRow(after, memberAt), limit)
	}, shapeOfMember, placeOfMember)
}

func placeOfMember(u account.User) frame.Cursor { return frame.Cursor{ID: u.ID, At: u.CreatedAt} }
func memberAt(c frame.Cursor) account.User      { return account.User{ID: c.ID, CreatedAt: c.At} }
