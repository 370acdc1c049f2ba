// Package key manages an org's API keys.
package key

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Creator stores new keys, without their secrets: a replayed answer has none.
type Creator interface {
	wire.Keeper
	agent.Reader
	CreateKey(ctx context.Context, once *idempotency.Change, k identity.Key) error
}

// Create answers POST /api-keys with a new key. No later answer shows the key again.
func Create(auth wire.Authenticator, keys Creator, now func() time.Time) http.Handler {
	return wire.NoStore(frame.Change(auth, identity.Caller.MayOwn, keys, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (identity.Key, error) {
		fields, err := body.Read(r)
		if err != nil {
			return identity.Key{}, err
		}
		k, err := readKey(r.Context(), fields, keys, caller.OrgID, now())
		if err != nil {
			return identity.Key{}, err
		}
		return k, keys.CreateKey(r.Context(), once, k)
	}, http.StatusCreated, shapeOfKey))
}

// defaultPrefix is the prefix of keys without a requested one.
const defaultPrefix = "af"

func readKey(ctx context.Context, fields body.Object, agents agent.Reader, orgID string, now time.Time) (identity.Key, error) {
	fields = fields.Allow("name", "prefix", "agent_id")
	name, err := fields.String("name", identity.NameRule)
	if err != nil {
		return identity.Key{}, err
	}
	prefix, err := fields.OptionalString("prefix", identity.PrefixRule)
	if err != nil {
		return identity.Key{}, err
	}
	if prefix == nil {
		prefix = new(defaultPrefix)
	}
	bound, err := fields.OptionalString("agent_id", agent.RefRule)
	if err != nil {
		return identity.Key{}, err
	}
	k, err := identity.NewKey(orgID, name, *prefix, now)
	if err != nil || bound == nil {
		return k, err
	}
	live, err := agent.Find(ctx, agents, orgID, param.FoldIDs(*bound))
	k.AgentID = live.AgentID
	return k, err
}
