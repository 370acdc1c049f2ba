package contact

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Reader reads contacts.
type Reader interface {
	Contact(ctx context.Context, orgID, id string) (inbox.Contact, error)
}

// Get answers GET /contacts/{id}.
func Get(auth wire.Authenticator, contacts Reader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (Shape, error) {
		id, err := contactID(r)
		if err != nil {
			return Shape{}, err
		}
		c, err := contacts.Contact(r.Context(), caller.OrgID, id)
		if err != nil {
			return Shape{}, err
		}
		return ShapeOf(c), nil
	})
}

// contactID returns the contact that the path names. The error is NotFound for a malformed id.
func contactID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", inbox.ErrNoContact)
}
