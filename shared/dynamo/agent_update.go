package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// UpdateAgent applies a patch; new instructions become a new draft version.
func (s *Store) UpdateAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string, p agent.Patch, now time.Time) (agent.Agent, error) {
	return s.changeAgent(ctx, once, orgID, agentID, func(a agent.Agent) (change, error) {
		var rows []any
		if p.Name != nil {
			a.Name = *p.Name
		}
		if p.Description != nil {
			a.Description = *p.Description
		}
		if p.Instructions != nil {
			draft := a.Draft(*p.Instructions, now)
			rows = append(rows, versionRowOf(a, draft), textRowOf(a, draft))
		}
		a.UpdatedAt = now
		next := change{agent: a}
		for _, row := range rows {
			step, err := s.put(row, ifNew)
			if err != nil {
				return change{}, err
			}
			next.steps = append(next.steps, step)
		}
		if p.Name != nil {
			next.steps = append(next.steps, s.rename(a, a.ID), s.rename(a, a.Slug))
		}
		return next, nil
	})
}

func (s *Store) rename(a agent.Agent, idOrSlug string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: liveKey(a.OrgID, idOrSlug).item(),
		UpdateExpression:          new("SET #name = :name"),
		ExpressionAttributeNames:  map[string]string{"#name": "name"},
		ExpressionAttributeValues: item{":name": str(a.Name)},
	}}
}
