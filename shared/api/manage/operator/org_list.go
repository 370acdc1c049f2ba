package operator

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// OrgLister lists orgs.
type OrgLister interface {
	Orgs(ctx context.Context, after string, limit int) ([]identity.Org, error)
}

type listedOrg struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	CreatedAt string `json:"created_at"`
}

// OrgList answers GET /operator/orgs: a page of orgs, oldest first.
func OrgList(operators wire.Authenticator, orgs OrgLister) http.Handler {
	return frame.List(operators, nil, func(r *http.Request, _ identity.Caller, after *frame.Cursor, limit int) ([]identity.Org, error) {
		return orgs.Orgs(r.Context(), after.LastID(), limit)
	}, func(o identity.Org) listedOrg {
		return listedOrg{ID: o.ID, Name: o.Name, Email: o.Email, CreatedAt: wire.Date(o.CreatedAt)}
	}, func(o identity.Org) frame.Cursor { return frame.Cursor{ID: o.ID, At: o.CreatedAt} })
}
