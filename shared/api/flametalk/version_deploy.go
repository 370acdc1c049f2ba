package flametalk

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// VersionDeployer deploys versions.
type VersionDeployer interface {
	wire.Keeper
	DeployVersion(ctx context.Context, once *idempotency.Change, orgID, agentID, versionID string, now time.Time) (agent.Detail, error)
}

// VersionDeploy answers POST /agents/{id}/versions/{version_id}/deploy with the updated agent.
func VersionDeploy(auth wire.Authenticator, agents VersionDeployer, now func() time.Time) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Detail, error) {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return agent.Detail{}, err
		}
		version, err := param.PathVersion(r, "version_id")
		if err != nil {
			return agent.Detail{}, err
		}
		return agents.DeployVersion(r.Context(), once, caller.OrgID, id, version, now())
	}, func(d agent.Detail) wire.Answer { return envelope.Changed(http.StatusOK, detailOf(d)) }))
}
