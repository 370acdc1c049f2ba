package flowgent

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// maxAgents bounds a list that the vendor does not page.
const maxAgents = 1000

// AgentList answers GET /api/public/agent: the org's agents, newest first. A
// key that is bound to an agent sees that one only.
func AgentList(auth wire.Authenticator, agents agent.Lister, defaultModel string) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		list, _, err := agent.Visible(r.Context(), agents, caller, 0, maxAgents)
		if err != nil {
			return err
		}
		shapes := make([]agentShape, 0, len(list))
		for _, a := range list {
			shapes = append(shapes, shapeOfAgent(a, defaultModel))
		}
		return wire.JSON(w, http.StatusOK, agentList{Agents: shapes})
	}))
}
