package agent

import (
	"context"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Lister lists an org's agents.
type Lister interface {
	// Agent returns NotFound for an unknown or deleted agent.
	Agent(ctx context.Context, orgID, agentID string) (Agent, error)

	// Agents returns up to limit agents from offset on, newest first, and the total
	// number of agents.
	Agents(ctx context.Context, orgID string, offset, limit int) ([]Agent, int, error)
}

// Visible lists the agents that a caller may see: all of its org, or the one that its
// key is bound to. It pages like Lister.Agents.
func Visible(ctx context.Context, agents Lister, caller identity.Caller, offset, limit int) ([]Agent, int, error) {
	if caller.AgentID == "" {
		return agents.Agents(ctx, caller.OrgID, offset, limit)
	}
	own, err := agents.Agent(ctx, caller.OrgID, caller.AgentID)
	if fault.Is(err, fault.NotFound) {
		return nil, 0, nil // the bound agent was deleted
	}
	if err != nil {
		return nil, 0, err
	}
	if offset > 0 {
		return nil, 1, nil
	}
	return []Agent{own}, 1, nil
}

// maxVisible bounds a list of a vendor without pagination.
const maxVisible = 1000

// AllVisible lists the agents that a caller may see, newest first, for a vendor without
// pagination. It returns at most 1,000.
func AllVisible(ctx context.Context, agents Lister, caller identity.Caller) ([]Agent, error) {
	list, _, err := Visible(ctx, agents, caller, 0, maxVisible)
	return list, err
}
