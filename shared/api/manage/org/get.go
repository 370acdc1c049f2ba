// Package org reads and changes an org.
package org

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Reader reads orgs.
type Reader interface {
	Org(ctx context.Context, orgID string) (identity.Org, error)
}

// Get answers GET /org with the caller's org.
func Get(auth wire.Authenticator, orgs Reader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (Shape, error) {
		org, err := orgs.Org(r.Context(), caller.OrgID)
		if err != nil {
			return Shape{}, err
		}
		return ShapeOf(org), nil
	})
}
