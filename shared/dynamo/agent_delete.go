package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

// DeleteAgent removes an agent from the list and disables its connections, in one
// transaction. The rows that chats read stay, marked as deleted, so that chats can
// distinguish a deleted agent from an unknown one.
func (s *Store) DeleteAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string) error {
	for range s.tries(ctx) {
		a, err := s.Agent(ctx, orgID, agentID)
		if err != nil {
			return err
		}
		at := agentKey(orgID, agentID)
		steps := []types.TransactWriteItem{{Delete: &types.Delete{
			TableName: &s.table, Key: at.item(),
			ConditionExpression: new("revision = :before"), ExpressionAttributeValues: item{":before": num(a.Revision)},
		}}}
		for _, row := range liveRowsOf(a, textRow{}, true) {
			step, err := s.put(row, ifExists)
			if err != nil {
				return err
			}
			steps = append(steps, step)
		}
		connections, err := s.disableOf(ctx, orgID, agentID)
		if err != nil {
			return err
		}
		steps = append(steps, s.countAgent(orgID, -1))
		first := len(steps)
		err = s.commit(ctx, once, nil, append(steps, connections...))
		if unmet(err, 0) || anyUnmetOf(err, first, len(connections)) {
			continue
		}
		return err
	}
	return contended("The agent")
}
