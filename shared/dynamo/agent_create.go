package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateAgent stores a new agent with its first draft.
func (s *Store) CreateAgent(ctx context.Context, once *idempotency.Change, a agent.Agent, draft agent.Version) error {
	a.Show(draft.Settings)
	rows := []any{agentRowOf(a), versionRowOf(a, draft), textRowOf(a, draft)}
	for _, live := range liveRowsOf(a, textRow{}, false) {
		rows = append(rows, live)
	}
	var steps []types.TransactWriteItem
	for _, row := range rows {
		step, err := s.put(row, ifNew)
		if err != nil {
			return err
		}
		steps = append(steps, step)
	}
	return s.commit(ctx, once, a, append(steps, s.countAgent(a.OrgID, 1)))
}

func (s *Store) countAgent(orgID string, change int) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: orgKey(orgID).item(),
		UpdateExpression:          new("ADD agents :change"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":change": num(change)},
	}}
}
