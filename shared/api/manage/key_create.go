package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// KeyCreator stores new keys, without their secrets: a replayed answer has none.
type KeyCreator interface {
	wire.Keeper
	agent.Reader
	CreateKey(ctx context.Context, k account.Key) error
}

// KeyCreate answers POST /api-keys with a new key, which is shown this once.
func KeyCreate(auth wire.Authenticator, keys KeyCreator, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Changes(auth, account.Caller.MayOwn, keys, func(r *http.Request, caller account.Caller) (account.Key, error) {
		body, err := wire.ReadObject(r)
		if err != nil {
			return account.Key{}, err
		}
		k, err := readKey(r.Context(), body, keys, caller.OrgID, now())
		if err != nil {
			return account.Key{}, err
		}
		return k, keys.CreateKey(r.Context(), k)
	}, func(k account.Key) wire.Answer { return ok(http.StatusCreated, shapeOfKey(k)) }))
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
	k.AgentID, err = findAgent(ctx, agents, orgID, *bound)
	return k, err
}

func findAgent(ctx context.Context, agents agent.Reader, orgID, idOrSlug string) (string, error) {
	// The longest slug has 47 characters; a longer key would be the store's error.
	if idOrSlug == "" || len(idOrSlug) > 64 {
		return "", errNoAgent
	}
	live, err := agents.Live(ctx, orgID, idOrSlug)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && live.Deleted:
		return "", errNoAgent
	case err != nil:
		return "", err
	}
	return live.AgentID, nil
}

var errNoAgent = fault.New(fault.NotFound, "Agent not found")
