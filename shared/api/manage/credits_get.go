package manage

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
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

// CreditsGet answers GET /credits.
func CreditsGet(auth wire.Authenticator, accounts AccountReader) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		a, err := accounts.Account(r.Context(), caller.OrgID)
		if err != nil {
			return err
		}
		return envelope.Show(w, shapeOfCredits(a))
	}))
}
