package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// OrgReader reads orgs.
type OrgReader interface {
	Org(ctx context.Context, orgID string) (account.Org, error)
}

// OrgGet answers GET /org: the caller's.
func OrgGet(auth wire.Authenticator, orgs OrgReader) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		org, err := orgs.Org(r.Context(), caller.OrgID)
		if err != nil {
			return err
		}
		return envelope.Show(w, shapeOfOrg(org))
	}))
}
