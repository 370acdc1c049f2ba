package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
)

// KeyCreator stores new keys, without their secrets: a replayed answer has none.
type KeyCreator interface {
	wire.Keeper
	agent.Reader
	CreateKey(ctx context.Context, k account.Key) error
}

// KeyCreate answers POST /api-keys with a new key, which is shown this once.
func KeyCreate(auth wire.Authenticator, keys KeyCreator, now func() time.Time) http.Handler {
	return wire.NoStore(wire.Handle(envelope.WriteError, wire.Changes(auth, account.Caller.MayOwn, keys, func(r *http.Request, caller account.Caller) (account.Key, error) {
		body, err := wire.ReadObject(r)
		if err != nil {
			return account.Key{}, err
		}
		k, err := readKey(r.Context(), body, keys, caller.OrgID, now())
		if err != nil {
			return account.Key{}, err
		}
		return k, keys.CreateKey(r.Context(), k)
	}, func(k account.Key) wire.Answer { return envelope.Changed(http.StatusCreated, shapeOfKey(k)) })))
}

// defaultPrefix is that of keys whose maker does not care.
const defaultPrefix = "af"

func readKey(ctx context.Context, body wire.Object, agents agent.Reader, orgID string, now time.Time) (account.Key, error) {
	name, err := body.String("name")
	if err != nil {
		return account.Key{}, err
	}
	prefix, err := body.OptionalString("prefix")
	if err != nil {
		return account.Key{}, err
	}
	if prefix == nil {
		prefix = new(defaultPrefix)
	}
	bound, err := body.OptionalString("agent_id")
	if err != nil {
		return account.Key{}, err
	}
	k, err := account.NewKey(orgID, name, *prefix, now)
	if err != nil || bound == nil {
		return k, err
	}
	live, err := agent.Find(ctx, agents, orgID, wire.FoldIDs(*bound))
	k.AgentID = live.AgentID
	return k, err
}
