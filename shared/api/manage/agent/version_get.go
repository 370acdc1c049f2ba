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

// VersionReader reads versions.
type VersionReader interface {
	Version(ctx context.Context, orgID, agentID, versionID string) (agent.Version, error)
}

// VersionGet answers GET /agents/{id}/versions/{version_id} with all that the version fixes.
func VersionGet(auth wire.Authenticator, agents VersionReader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (wholeVersion, error) {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return wholeVersion{}, err
		}
		version, err := param.PathVersion(r, "version_id")
		if err != nil {
			return wholeVersion{}, err
		}
		v, err := agents.Version(r.Context(), caller.OrgID, id, version)
		return wholeVersionOf(v), err
	})
}
