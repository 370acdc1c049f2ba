package flapjack

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentList answers GET /api/agents: the org's agents, newest first. A key that is bound to an
// agent sees only that agent.
func AgentList(auth wire.Authenticator, agents agent.Lister, defaultModel string) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		list, err := agent.AllVisible(r.Context(), agents, caller)
		if err != nil {
			return err
		}
		shapes := wire.List(list, func(a agent.Agent) agentShape { return shapeOfAgent(a, defaultModel) })
		return wire.JSON(w, http.StatusOK, shapes)
	}))
}
