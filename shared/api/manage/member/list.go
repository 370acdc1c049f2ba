package member

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists members.
type Lister interface {
	Members(ctx context.Context, orgID string, after *identity.User, limit int) ([]identity.User, error)
}

// List answers GET /org/members: a page of members, newest first.
func List(auth wire.Authenticator, members Lister) http.Handler {
	return frame.List(auth, identity.Caller.MayOwn, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]identity.User, error) {
		return members.Members(r.Context(), caller.OrgID, frame.LastRow(after, memberAt), limit)
	}, shapeOfMember, placeOfMember)
}

func placeOfMember(u identity.User) frame.Cursor { return frame.Cursor{ID: u.ID, At: u.CreatedAt} }
func memberAt(c frame.Cursor) identity.User      { return identity.User{ID: c.ID, CreatedAt: c.At} }
