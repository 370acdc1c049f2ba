package tool

import (
	"net/http"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	shown "github.com/quintet-agents/quintet/shared/api/manage/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Delete answers DELETE /agents/{id}/tools/{tool_id}. Versions that were deployed keep the
// tool.
func Delete(auth wire.Authenticator, agents Changer, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Version, error) {
		ofAgent, id, err := path(r)
		if err != nil {
			return agent.Version{}, err
		}
		return agents.ChangeDraft(r.Context(), once, caller.OrgID, ofAgent, now(), func(v *agent.Version) error {
			i, err := index(*v, id)
			if err != nil {
				return err
			}
			v.Tools = slices.Delete(slices.Clone(v.Tools), i, i+1)
			return nil
		})
	}, http.StatusOK, func(v agent.Version) deletedShape {
		return deletedShape{Deleted: true, Version: shown.ShapeOfVersion(v)}
	})
}
