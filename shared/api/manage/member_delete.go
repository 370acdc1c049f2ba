package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// MemberRemover removes members.
type MemberRemover interface {
	Remove(ctx context.Context, orgID, userID string) error
}

// MemberDelete answers DELETE /org/members/{id}.
func MemberDelete(auth wire.Authenticator, kept wire.Keeper, members MemberRemover) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, account.Caller.MayOwn, kept, func(r *http.Request, caller account.Caller) (struct{}, error) {
		id, err := memberID(r)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, members.Remove(r.Context(), caller.OrgID, id)
	}, func(struct{}) wire.Answer { return envelope.Changed(http.StatusOK, envelope.Deleted{Deleted: true}) }))
}
