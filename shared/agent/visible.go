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

	// Agents returns up to limit agents from offset on, newest first, and how
	// many there are in all.
	Agents(ctx context.Context, orgID string, offset, limit int) ([]Agent, int, error)
}

// Visible lists the agents that a caller may see, as Lister.Agents does: all
// of its org, or the one that its key is bound to.
func Visible(ctx context.Context, agents Lister, caller identity.Caller, offset, limit int) ([]Agent, int, error) {
	if caller.AgentID == "" {
		return agents.Agents(ctx, caller.OrgID, offset, limit)
	}
	own, err := agents.Agent(ctx, caller.OrgID, caller.AgentID)
	if fault.Is(err, fault.NotFound) {
		return nil, 0, nil // it was deleted, and is in no list any more
	}
	if err != nil {
		return nil, 0, err
	}
	if offset > 0 {
		return nil, 1, nil
	}
	return []Agent{own}, 1, nil
}

// maxVisible bounds a list that its vendor does not page.
const maxVisible = 1000

// AllVisible lists the agents that a caller may see, newest first, for a vendor
// that does not page; after the first 1,000 it ends.
func AllVisible(ctx context.Context, agents Lister, caller identity.Caller) ([]Agent, error) {
	list, _, err := Visible(ctx, agents, caller, 0, maxVisible)
	return list, err
}
