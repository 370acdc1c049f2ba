package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// UpdateAgent applies a patch. New instructions become a new draft version, even if the newest
// version is a draft; it gets that draft's settings and tools.
func (s *Store) UpdateAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string, p agent.Patch, now time.Time) (agent.Agent, error) {
	return s.changeAgent(ctx, once, orgID, agentID, func(a agent.Agent) (change, error) {
		if p.Name != nil {
			a.Name = *p.Name
		}
		if p.Description != nil {
			a.Description = *p.Description
		}
		a.UpdatedAt = now
		var next change
		if p.Instructions != nil {
			base, err := s.base(ctx, a)
			if err != nil {
				return change{}, err
			}
			base.Instructions = *p.Instructions
			draft := a.Draft(base, now)
			if next.steps, err = s.writeDraft(a, draft, true); err != nil {
				return change{}, err
			}
		}
		if p.Name != nil {
			next.steps = append(next.steps, s.rename(a, a.ID), s.rename(a, a.Slug))
		}
		next.agent = a
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
