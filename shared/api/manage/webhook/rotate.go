package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// KeptReader reads webhooks and stores answers.
type KeptReader interface {
	wire.Keeper
	Reader
}

// SecretRotator replaces secrets.
type SecretRotator interface {
	Rotate(ctx context.Context, once *idempotency.Change, orgID, name string) (plain string, err error)
}

type secretShape struct {
	Secret string `json:"secret,omitempty"` // not in a replayed answer
}

// Rotate answers POST /webhooks/{id}/rotate-secret with a new secret, of a webhook or of the org's
// callbacks. For secret.Overlap, requests are also signed with the previous one.
func Rotate(auth wire.Authenticator, webhooks KeptReader, secrets SecretRotator) http.Handler {
	return wire.NoStore(frame.Change(auth, identity.Caller.MayManage, webhooks, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (secretShape, error) {
		target, err := targetOf(r, webhooks, caller, webhookOf)
		if err != nil {
			return secretShape{}, err
		}
		plain, err := secrets.Rotate(r.Context(), once, caller.OrgID, target)
		return secretShape{plain}, err
	}, http.StatusOK, func(s secretShape) secretShape { return s }))
}
