package tool

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Get answers GET /agents/{id}/tools/{tool_id}: a tool of the draft, or of the deployed version
// if the newest is no draft. An MCP server is asked what it lists now.
func Get(auth wire.Authenticator, agents Reader, desk Desk) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (toolShape, error) {
		ofAgent, id, err := path(r)
		if err != nil {
			return toolShape{}, err
		}
		v, err := agents.Newest(r.Context(), caller.OrgID, ofAgent)
		if err != nil {
			return toolShape{}, err
		}
		i, err := index(v, id)
		if err != nil {
			return toolShape{}, err
		}
		if v.Tools[i].Type != agent.MCPTool {
			return shape(v, id, nil, ""), nil
		}
		found, err := desk.Servers.Discover(r.Context(), desk.server(caller.OrgID, ofAgent, v.Tools[i], change{}))
		if err != nil {
			return shape(v, id, nil, fault.From(err).Shown()), nil
		}
		return shape(v, id, found, ""), nil
	})
}
