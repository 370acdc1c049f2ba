package agent

import (
	"context"
	"net/http"
	"strconv"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// VersionLister lists versions.
type VersionLister interface {
	// VersionPage returns up to limit versions of an agent, newest first, without what they
	// fix: those with a number below the given one, or from the newest on if that is 0.
	VersionPage(ctx context.Context, orgID, agentID string, below, limit int) ([]agent.Version, error)
}

// VersionList answers GET /agents/{id}/versions with a page of the agent's versions, newest
// first.
func VersionList(auth wire.Authenticator, agents VersionLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return err
		}
		return frame.PageOf(w, r, isNumber, func(after *frame.Cursor, limit int) ([]agent.Version, *frame.Cursor, error) {
			below, _ := strconv.Atoi(after.LastID()) // 0 on the first page
			rows, err := agents.VersionPage(r.Context(), caller.OrgID, id, below, limit+1)
			page, next := frame.Cut(rows, limit, func(v agent.Version) frame.Cursor {
				return frame.Cursor{ID: strconv.Itoa(v.Number), At: v.CreatedAt}
			})
			return page, next, err
		}, versionOf)
	}))
}

// isNumber reports whether a text is the number of a version.
func isNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n < maxVersions && strconv.Itoa(n) == text
}

// maxVersions is beyond the number of any version.
const maxVersions = 1_000_000
