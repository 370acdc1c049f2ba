package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// VersionDeployer deploys versions.
type VersionDeployer interface {
	AgentReader
	DeployVersion(ctx context.Context, orgID, agentID, versionID string, now time.Time) (agent.Agent, error)
}

// VersionDeploy answers POST /agents/{id}/versions/{version_id}/deploy with the
// agent as it then is.
func VersionDeploy(auth wire.Authenticator, agents VersionDeployer, now func() time.Time) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		id, err := managedAgent(r, caller)
		if err != nil {
			return err
		}
		version, err := versionID(r)
		if err != nil {
			return err
		}
		if _, err := agents.DeployVersion(r.Context(), caller.OrgID, id, version, now()); err != nil {
			return err
		}
		d, err := readDetail(r.Context(), agents, caller.OrgID, id)
		if err != nil {
			return err
		}
		return ok(w, http.StatusOK, d)
	}))
}
