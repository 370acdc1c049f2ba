package tool

import (
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// versioned is a tool with its version.
type versioned struct {
	version agent.Version
	tool    agent.Tool
}

// List answers GET /agents/{id}/tools with a page of the tools of the draft, or of the deployed
// version if the newest is no draft, newest first.
func List(auth wire.Authenticator, agents Reader) http.Handler {
	return frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]versioned, error) {
		ofAgent, err := param.PathAgent(r, "id")
		if err != nil {
			return nil, err
		}
		v, err := agents.Newest(r.Context(), caller.OrgID, ofAgent)
		if err != nil {
			return nil, err
		}
		var page []versioned
		for _, t := range slices.Backward(v.Tools) { // their ids grow
			if last := after.LastID(); len(page) < limit && (last == "" || t.ID < last) {
				page = append(page, versioned{v, t})
			}
		}
		return page, nil
	}, func(t versioned) toolShape { return shape(t.version, t.tool.ID, nil, "") }, func(t versioned) frame.Cursor {
		return frame.Cursor{ID: t.tool.ID, At: t.tool.CreatedAt}
	})
}
