package flametalk

import (
	"context"
	"math"
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

// AgentList answers GET /agents: a page of the org's agents, newest first. A
// key that is bound to an agent sees that one only.
func AgentList(auth wire.Authenticator, agents AgentLister) http.Handler {
	return wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		limit, err := wire.QueryInt(r, "limit", 20, 1, 100)
		if err != nil {
			return err
		}
		offset, err := wire.QueryInt(r, "offset", 0, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		page, total, err := visible(r.Context(), agents, caller, offset, limit)
		if err != nil {
			return err
		}
		rows := make([]row, 0, len(page))
		for _, a := range page {
			rows = append(rows, rowOf(a))
		}
		return wire.JSON(w, http.StatusOK, success{
			Success: true, Data: rows,
			Pagination: &pagination{Total: total, Limit: limit, Offset: offset, HasMore: offset+len(rows) < total},
		})
	}))
}

func visible(ctx context.Context, agents AgentLister, caller account.Caller, offset, limit int) ([]agent.Agent, int, error) {
	if caller.AgentID == "" {
		return agents.Agents(ctx, caller.OrgID, offset, limit)
	}
	own, err := agents.Agent(ctx, caller.OrgID, caller.AgentID)
	if err != nil {
		return nil, 0, err
	}
	if offset > 0 {
		return nil, 1, nil
	}
	return []agent.Agent{own}, 1, nil
}
