package agentflow

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// MeReader reads the data of GET /me.
type MeReader interface {
	Org(ctx context.Context, orgID string) (identity.Org, error)
	User(ctx context.Context, userID string) (identity.User, error)
	Account(ctx context.Context, orgID string) (ledger.Account, error)
}

type meShape struct {
	ID      string `json:"id"`
	Email   string `json:"email"`
	OrgID   string `json:"org_id"`
	Balance string `json:"balance"`
}

// MeGet answers GET /me: the caller's identity (a user or a key) and the org's available credits.
func MeGet(auth wire.Authenticator, rows MeReader) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		me := meShape{ID: caller.ID(), OrgID: caller.OrgID}
		wave, ctx := errgroup.WithContext(r.Context())
		wave.Go(func() (err error) { me.Email, err = emailOf(ctx, rows, caller); return err })
		wave.Go(func() error {
			a, err := rows.Account(ctx, caller.OrgID)
			me.Balance = a.Available.String()
			return err
		})
		if err := wave.Wait(); err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, me)
	}))
}

// emailOf returns a user's email address, or the org's address for a key.
func emailOf(ctx context.Context, rows MeReader, caller identity.Caller) (string, error) {
	if caller.UserID != "" {
		u, err := rows.User(ctx, caller.UserID)
		return u.Email, err
	}
	org, err := rows.Org(ctx, caller.OrgID)
	return org.Email, err
}
