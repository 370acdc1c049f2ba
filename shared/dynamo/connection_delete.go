package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// DeleteConnection deletes a connection and its secrets, or returns ErrNotFound.
func (s *Store) DeleteConnection(ctx context.Context, once *idempotency.Change, orgID, id string) error {
	err := s.commit(ctx, once, nil, []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: &s.table, Key: connectionKey(orgID, id).item(), ConditionExpression: new(ifExists)}},
		{Delete: &types.Delete{TableName: &s.table, Key: credentialsKey(orgID, id).item()}},
		{Update: s.countConnection(orgID, -1)},
	})
	if unmet(err, 0) {
		return connection.ErrNotFound
	}
	return err
}

// disableOf returns the steps that disable the connections of an agent which is deleted in
// the same transaction. Each fails if its connection was changed since it was read.
func (s *Store) disableOf(ctx context.Context, orgID, agentID string) ([]types.TransactWriteItem, error) {
	all, err := s.Connections(ctx, orgID, "", connection.MaxConnections)
	if err != nil {
		return nil, err
	}
	var steps []types.TransactWriteItem
	for _, c := range all {
		if c.AgentID != agentID || c.Disabled {
			continue
		}
		c = c.Disable(connection.AgentDeleted, s.now())
		step, err := s.putConnection(&c)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}
