package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Agents returns the org's agents from offset on, newest first, up to limit,
// and how many there are in all.
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
	// The two reads may straddle a change; the rows are what the caller sees.
	return agents, max(total, min(offset, total)+len(agents)), nil
}

func (s *Store) agents(ctx context.Context, orgID string, offset, limit int) ([]agent.Agent, error) {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), ScanIndexForward: new(false),
		Limit:                     new(int32(min(offset+limit, 1000))), //nolint:gosec // bounded
		KeyConditionExpression:    new("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(agentsPK(orgID))},
	})
	agents := []agent.Agent{}
	for skip := offset; pages.HasMorePages() && len(agents) < limit; {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		skipped := min(skip, len(page.Items))
		skip -= skipped
		for _, it := range page.Items[skipped:min(len(page.Items), skipped+limit-len(agents))] {
			var r agentRow
			if err := attributevalue.UnmarshalMap(it, &r); err != nil {
				return nil, err
			}
			agents = append(agents, r.agent())
		}
	}
	return agents, nil
}

func (s *Store) countAgents(ctx context.Context, orgID string) (int, error) {
	var r orgRow
	if err := s.get(ctx, orgKey(orgID), &r); err != nil {
		return 0, fmt.Errorf("org %s: %w", orgID, err)
	}
	return r.Agents, nil
}
