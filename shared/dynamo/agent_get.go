package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Agent returns an agent by its id; an unknown or deleted one is NotFound.
func (s *Store) Agent(ctx context.Context, orgID, agentID string) (agent.Agent, error) {
	var r agentRow
	err := s.get(ctx, agentKey(orgID, agentID), &r, agent.ErrNotFound)
	return r.agent(), err
}
