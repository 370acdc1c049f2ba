// Package agent manages the settings and versions of agents. Agents themselves are Flametalk's.
package agent

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// SettingsReader reads the version that a change of an agent starts from.
type SettingsReader interface {
	Newest(ctx context.Context, orgID, agentID string) (agent.Version, error)
}

// SettingsGet answers GET /agents/{id}/settings with the settings of the draft, or of the
// deployed version if the newest is no draft: those that a PATCH changes.
func SettingsGet(auth wire.Authenticator, agents SettingsReader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (versionSettings, error) {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return versionSettings{}, err
		}
		v, err := agents.Newest(r.Context(), caller.OrgID, id)
		return versionSettingsOf(v), err
	})
}
