package manage

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// KeptWebhooks reads endpoints and remembers answers.
type KeptWebhooks interface {
	wire.Keeper
	WebhookReader
}

// SecretRotator replaces secrets.
type SecretRotator interface {
	Rotate(ctx context.Context, orgID, name string) (plain string, err error)
}

type secretShape struct {
	Secret string `json:"secret,omitempty"` // not in a repeated answer
}

// WebhookRotate answers POST /webhooks/{id}/rotate-secret with a new secret, of
// an endpoint or of the org's callbacks. The one before goes on to sign for a
// while.
func WebhookRotate(auth wire.Authenticator, webhooks KeptWebhooks, secrets SecretRotator) http.Handler {
	return wire.NoStore(wire.Handle(envelope.WriteError, wire.Changes(auth, account.Caller.MayManage, webhooks, func(r *http.Request, caller account.Caller) (secretShape, error) {
		target, err := targetOf(r, webhooks, caller, webhookOf)
		if err != nil {
			return secretShape{}, err
		}
		plain, err := secrets.Rotate(r.Context(), caller.OrgID, target)
		return secretShape{plain}, err
	}, func(s secretShape) wire.Answer { return envelope.Changed(http.StatusOK, s) })))
}
