package agent

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// DraftChanger changes the drafts of agents.
type DraftChanger interface {
	wire.Keeper
	ChangeDraft(
		ctx context.Context, once *idempotency.Change, orgID, agentID string, now time.Time, next func(*agent.Version) error,
	) (agent.Version, error)
}

// SettingsUpdate answers PATCH /agents/{id}/settings with the changed draft's settings.
func SettingsUpdate(auth wire.Authenticator, agents DraftChanger, secrets agent.Sealer, urls delivery.URLs, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Version, error) {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return agent.Version{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return agent.Version{}, err
		}
		p, key, err := readSettings(fields)
		if err != nil {
			return agent.Version{}, err
		}
		if p.BaseURL != nil && *p.BaseURL != "" {
			if err := urls.Check(r.Context(), "base_url", *p.BaseURL); err != nil {
				return agent.Version{}, err
			}
		}
		if key != "" {
			sealed, err := secrets.SealAgentSecret(r.Context(), caller.OrgID, id, agent.ProviderSecret, key)
			if err != nil {
				return agent.Version{}, err
			}
			p.ProviderKey = &sealed
		}
		return agents.ChangeDraft(r.Context(), once, caller.OrgID, id, now(), func(v *agent.Version) (err error) {
			v.Settings, err = p.Apply(v.Settings)
			return err
		})
	}, http.StatusOK, versionSettingsOf)
}
