package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Live returns an agent's state for chats, by id or slug.
func (s *Store) Live(ctx context.Context, orgID, idOrSlug string) (agent.Live, error) {
	var r liveRow
	err := s.get(ctx, liveKey(orgID, idOrSlug), &r, agent.ErrNotFound)
	return r.live(), err
}
