package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// ChangeDraft changes the instructions, settings or tools of an agent and returns the draft
// that has them. That is the newest version if it is a draft, else a new one with the content
// of the deployed version. ChangeDraft calls next again if another change of the agent came
// first. An error of next is returned, and nothing changes.
func (s *Store) ChangeDraft(
	ctx context.Context, once *idempotency.Change, orgID, agentID string, now time.Time, next func(*agent.Version) error,
) (agent.Version, error) {
	var draft agent.Version
	_, err := s.changeAgent(ctx, once, orgID, agentID, func(a agent.Agent) (change, error) {
		before, err := s.base(ctx, a)
		if err != nil {
			return change{}, err
		}
		isNew := before.Status != agent.Draft
		if draft = before; isNew {
			draft = a.Draft(before, now)
		}
		if err := next(&draft); err != nil {
			return change{}, err
		}
		a.UpdatedAt = now
		if a.Deployed == nil {
			a.Show(draft.Settings)
		}
		steps, err := s.writeDraft(a, draft, isNew)
		return change{agent: a, steps: steps, result: draft}, err
	})
	return draft, err
}

// base returns the version that a change of an agent starts from: the newest one if it is a
// draft, else the deployed one, else the newest.
func (s *Store) base(ctx context.Context, a agent.Agent) (agent.Version, error) {
	base, err := s.newest(ctx, a, 0)
	if err == nil && base.Status != agent.Draft && a.Deployed != nil && base.ID != a.Deployed.ID {
		base, err = s.newest(ctx, a, a.Deployed.Number+1)
	}
	if err != nil {
		return agent.Version{}, err
	}
	content, err := s.content(ctx, a.OrgID, a.ID, base.ID)
	base.Instructions, base.Settings, base.Tools = content.Instructions, content.Settings, content.Tools
	return base, err
}

// newest returns the newest version with a number below the given one; 0 is above all.
func (s *Store) newest(ctx context.Context, a agent.Agent, below int) (agent.Version, error) {
	one, err := s.versions(ctx, a.OrgID, a.ID, below, 1)
	if err == nil && len(one) == 0 {
		err = agent.ErrNoVersion
	}
	if err != nil {
		return agent.Version{}, err
	}
	return one[0], nil
}

// writeDraft returns the steps that write a draft. The condition on the agent's revision,
// which the transaction also has, keeps the draft from being deployed meanwhile.
func (s *Store) writeDraft(a agent.Agent, draft agent.Version, isNew bool) ([]types.TransactWriteItem, error) {
	condition, rows := "", []any{textRowOf(a, draft)}
	if isNew {
		condition, rows = ifNew, append(rows, versionRowOf(a, draft))
	}
	tools, err := toolsRowOf(a, draft)
	if err != nil {
		return nil, err
	}
	var steps []types.TransactWriteItem
	switch {
	case len(draft.Tools) > 0:
		rows = append(rows, tools)
	case !isNew:
		steps = append(steps, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: toolsKey(a.OrgID, a.ID, draft.ID).item(),
		}})
	}
	for _, row := range rows {
		step, err := s.put(row, condition)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}
