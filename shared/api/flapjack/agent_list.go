package flapjack

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// AgentLister lists an org's agents.
type AgentLister interface {
	Agent(ctx context.Context, orgID, agentID string) (agent.Agent, error)
	Agents(ctx context.Context, orgID string, offset, limit int) ([]agent.Agent, int, error)
}

// maxAgents bounds a list that the vendor does not page.
const maxAgents = 1000

// AgentList answers GET /api/agents: the org's agents, newest first. A key
// that is bound to an agent sees that one only.
func AgentList(auth wire.Authenticator, agents AgentLister, defaultModel string) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		list, err := visible(r.Context(), agents, caller)
		if err != nil {
			return err
		}
		shapes := make([]agentShape, 0, len(list))
		for _, a := range list {
			shapes = append(shapes, shapeOfAgent(a, defaultModel))
		}
		return wire.JSON(w, http.StatusOK, shapes)
	}))
}

func visible(ctx context.Context, agents AgentLister, caller account.Caller) ([]agent.Agent, error) {
	if caller.AgentID == "" {
		list, _, err := agents.Agents(ctx, caller.OrgID, 0, maxAgents)
		return list, err
	}
	own, err := agents.Agent(ctx, caller.OrgID, caller.AgentID)
	return []agent.Agent{own}, err
}
