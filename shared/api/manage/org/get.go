// Package org reads and changes an org.
package org

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// Reader reads orgs.
type Reader interface {
	Org(ctx context.Context, orgID string) (account.Org, error)
}

// Get answers GET /org: the caller's.
func Get(auth wire.Authenticator, orgs Reader) http.Handler {
	return frame.Read(auth, account.Caller.MayManage, func(r *http.Request, caller account.Caller) (Shape, error) {
		org, err := orgs.Org(r.Context(), caller.OrgID)
		if err != nil {
			return Shape{}, err
		}
		return ShapeOf(org), nil
	})
}
