package agentflow

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// KeyCreator stores new keys, without their secrets: a replayed answer has none.
type KeyCreator interface {
	wire.Keeper
	CreateKey(ctx context.Context, once *idempotency.Change, k identity.Key) error
}

// prefix is the prefix of this vendor's keys.
const prefix = "af"

// KeyCreate answers POST /me/api-keys with a new key. No later answer shows the key again.
func KeyCreate(auth wire.Authenticator, keys KeyCreator, now func() time.Time) http.Handler {
	return wire.NoStore(wire.Handle(WriteError, wire.Changes(auth, identity.Caller.MayOwn, keys, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.Key, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.Key{}, err
		}
		name, err := readKey(fields)
		if err != nil {
			return identity.Key{}, err
		}
		k, err := identity.NewKey(caller.OrgID, name, prefix, now())
		if err != nil {
			return identity.Key{}, err
		}
		return k, keys.CreateKey(r.Context(), once, k)
	}, func(k identity.Key) wire.Answer { return wire.Answer{Status: http.StatusCreated, Body: shapeOfKey(k)} })))
}

func readKey(fields body.Object) (name string, err error) {
	return fields.Allow("name").String("name", identity.NameRule)
}

type keyShape struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Key       string `json:"key,omitempty"` // once, when it is minted
	Hint      string `json:"hint,omitempty"`
	CreatedAt string `json:"created_at"`
}

func shapeOfKey(k identity.Key) keyShape {
	return keyShape{ID: k.ID, Name: k.Name, Key: k.Secret, CreatedAt: wire.Date(k.CreatedAt)}
}
