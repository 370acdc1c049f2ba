package manage

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/fault"
)

// OrgUpdater changes orgs.
type OrgUpdater interface {
	wire.Keeper
	UpdateOrg(ctx context.Context, orgID string, p account.OrgPatch) (account.Org, error)
}

// OrgUpdate answers PATCH /org/settings. Allowed origins that are null, or have
// a "*", are any; an empty list is none.
func OrgUpdate(auth wire.Authenticator, orgs OrgUpdater) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, account.Caller.MayOwn, orgs, func(r *http.Request, caller account.Caller) (account.Org, error) {
		body, err := wire.ReadObject(r)
		if err != nil {
			return account.Org{}, err
		}
		p, err := readSettings(body)
		if err != nil {
			return account.Org{}, err
		}
		return orgs.UpdateOrg(r.Context(), caller.OrgID, p)
	}, func(o account.Org) wire.Answer { return envelope.Changed(http.StatusOK, shapeOfOrg(o)) }))
}

func readSettings(body wire.Object) (account.OrgPatch, error) {
	var p account.OrgPatch
	name, err := body.OptionalString("name")
	if err != nil {
		return p, err
	}
	if name != nil {
		if err := account.ValidateName(*name); err != nil {
			return p, err
		}
		p.Name = new(strings.TrimSpace(*name))
	}
	origins, err := body.OptionalStrings("allowed_origins")
	if err != nil {
		return p, err
	}
	switch {
	case body.IsNull("allowed_origins"):
		p.AllowedOrigins = new([]string)
	case origins != nil:
		if err := account.ValidateOrigins(origins); err != nil {
			return p, err
		}
		slices.Sort(origins)
		p.AllowedOrigins = new(slices.Compact(origins))
	}
	if p == (account.OrgPatch{}) {
		return p, fault.Field("body", "At least one of allowed_origins and name is required")
	}
	return p, nil
}
