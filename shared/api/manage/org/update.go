package org

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Updater changes orgs.
type Updater interface {
	wire.Keeper
	UpdateOrg(ctx context.Context, once *idempotency.Change, orgID string, p identity.OrgPatch) (identity.Org, error)
}

// Update answers PATCH /org/settings. Null allowed origins, or a list with "*", allow any origin; an
// empty list allows none.
func Update(auth wire.Authenticator, orgs Updater) http.Handler {
	return frame.Change(auth, identity.Caller.MayOwn, orgs, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.Org, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.Org{}, err
		}
		p, err := readSettings(fields)
		if err != nil {
			return identity.Org{}, err
		}
		return orgs.UpdateOrg(r.Context(), once, caller.OrgID, p)
	}, http.StatusOK, ShapeOf)
}

func readSettings(fields body.Object) (identity.OrgPatch, error) {
	var p identity.OrgPatch
	fields = fields.Allow("allowed_origins", "name")
	name, err := fields.OptionalString("name", identity.NameRule)
	if err != nil {
		return p, err
	}
	if name != nil {
		if err := identity.ValidateName(*name); err != nil {
			return p, err
		}
		p.Name = new(strings.TrimSpace(*name))
	}
	origins, err := fields.OptionalStrings("allowed_origins", identity.OriginsRule)
	if err != nil {
		return p, err
	}
	switch {
	case fields.IsNull("allowed_origins"):
		p.AllowedOrigins = new([]string)
	case origins != nil:
		if err := identity.ValidateOrigins(origins); err != nil {
			return p, err
		}
		slices.Sort(origins)
		p.AllowedOrigins = new(slices.Compact(origins))
	}
	if p == (identity.OrgPatch{}) {
		return p, fields.NoChange()
	}
	return p, nil
}
