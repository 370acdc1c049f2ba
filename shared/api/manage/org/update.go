package org

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Updater changes orgs.
type Updater interface {
	wire.Keeper
	UpdateOrg(ctx context.Context, orgID string, p account.OrgPatch) (account.Org, error)
}

// Update answers PATCH /org/settings. Allowed origins that are null, or have
// a "*", are any; an empty list is none.
func Update(auth wire.Authenticator, orgs Updater) http.Handler {
	return frame.Change(auth, account.Caller.MayOwn, orgs, func(r *http.Request, caller account.Caller) (account.Org, error) {
		body, err := wire.ReadObject(r)
		if err != nil {
			return account.Org{}, err
		}
		p, err := readSettings(body)
		if err != nil {
			return account.Org{}, err
		}
		return orgs.UpdateOrg(r.Context(), caller.OrgID, p)
	}, http.StatusOK, ShapeOf)
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
