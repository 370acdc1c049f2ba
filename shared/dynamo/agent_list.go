package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Agents returns up to limit agents of the org from offset on, newest first, and the total
// number of agents.
func (s *Store) Agents(ctx context.Context, orgID string, offset, limit int) (agents []agent.Agent, total int, err error) {
	wave, waveCtx := errgroup.WithContext(ctx)
	wave.Go(func() (err error) {
		total, err = s.countAgents(waveCtx, orgID)
		return err
	})
	wave.Go(func() (err error) {
		agents, err = s.agents(waveCtx, orgID, offset, limit)
		return err
	})
	if err := wave.Wait(); err != nil {
		return nil, 0, err
	}
	// An agent may be created or deleted between the two reads. The total must not
	// contradict the rows.
	return agents, max(total, min(offset, total)+len(agents)), nil
}

func (s *Store) agents(ctx context.Context, orgID string, offset, limit int) ([]agent.Agent, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false),
		Limit:                     new(int32(min(offset+limit, 1000))), //nolint:gosec // bounded
		KeyConditionExpression:    new("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(agentsPK(orgID))},
	}
	agents, skip := []agent.Agent{}, offset
	for row, err := range rows[agentRow](ctx, s, q) {
		switch {
		case err != nil:
			return nil, err
		case skip > 0:
			skip--
			continue
		}
		if agents = append(agents, row.agent()); len(agents) == limit {
			break
		}
	}
	return agents, nil
}

func (s *Store) countAgents(ctx context.Context, orgID string) (int, error) {
	var r orgRow
	if err := s.get(ctx, orgKey(orgID), &r, identity.ErrNoOrg); err != nil {
		return 0, fmt.Errorf("org %s: %w", orgID, err)
	}
	return r.Agents, nil
}
