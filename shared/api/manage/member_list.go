package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// MemberLister lists members.
type MemberLister interface {
	Members(ctx context.Context, orgID string, after *account.User, limit int) ([]account.User, error)
}

// MemberList answers GET /org/members: a page of members, newest first.
func MemberList(auth wire.Authenticator, members MemberLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayOwn(); err != nil {
			return err
		}
		return answerPage(w, r, func(after *cursor, limit int) ([]account.User, error) {
			return members.Members(r.Context(), caller.OrgID, lastRow(after, memberAt), limit)
		}, shapeOfMember, placeOfMember)
	}))
}

func placeOfMember(u account.User) cursor { return cursor{u.ID, u.CreatedAt} }
func memberAt(c cursor) account.User      { return account.User{ID: c.id, CreatedAt: c.at} }
