// Package credits reports an org's credits, ledger and usage.
package credits

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// AccountReader reads accounts.
type AccountReader interface {
	Account(ctx context.Context, orgID string) (ledger.Account, error)
}

type creditsShape struct {
	Balance   json.Number `json:"balance"`
	Held      json.Number `json:"held"`
	Available json.Number `json:"available"`
}

func shapeOfCredits(a ledger.Account) creditsShape {
	return creditsShape{Balance: a.Balance().Number(), Held: a.Held().Number(), Available: a.Available.Number()}
}

// Get answers GET /credits.
func Get(auth wire.Authenticator, accounts AccountReader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (creditsShape, error) {
		a, err := accounts.Account(r.Context(), caller.OrgID)
		if err != nil {
			return creditsShape{}, err
		}
		return shapeOfCredits(a), nil
	})
}
