package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// OrgLister lists orgs.
type OrgLister interface {
	Orgs(ctx context.Context, after string, limit int) ([]account.Org, error)
}

type listedOrg struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	CreatedAt string `json:"created_at"`
}

// OperatorOrgList answers GET /operator/orgs: a page of the orgs as they were
// made, the oldest first.
func OperatorOrgList(operators wire.Authenticator, orgs OrgLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(operators, func(w http.ResponseWriter, r *http.Request, _ account.Caller) error {
		return answerPage(w, r, func(after *cursor, limit int) ([]account.Org, error) {
			return orgs.Orgs(r.Context(), after.lastID(), limit)
		}, func(o account.Org) listedOrg {
			return listedOrg{ID: o.ID, Name: o.Name, Email: o.Email, CreatedAt: wire.Date(o.CreatedAt)}
		}, func(o account.Org) cursor { return cursor{o.ID, o.CreatedAt} })
	}))
}
