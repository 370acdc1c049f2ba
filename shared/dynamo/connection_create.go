package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateConnection stores a new connection with its sealed secrets, if its agent exists. The
// org's row counts connections, which bounds them. The errors are ErrTooMany and ErrNoAgent.
func (s *Store) CreateConnection(ctx context.Context, once *idempotency.Change, c connection.Connection, sealed connection.Sealed) error {
	row, err := s.put(connectionRowOf(c), ifNew)
	if err != nil {
		return err
	}
	secrets, err := s.put(credentialsRowOf(c.OrgID, c.ID, sealed), ifNew)
	if err != nil {
		return err
	}
	count := s.countConnection(c.OrgID, 1)
	count.ConditionExpression = new(ifExists + " AND (attribute_not_exists(connections) OR connections < :most)")
	count.ExpressionAttributeValues[":most"] = num(connection.MaxConnections)
	locator := types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: item{"pk": str(locatorKey(c.ID).pk), "sk": str(locatorKey(c.ID).sk), "owner": str(c.OrgID)},
	}}
	err = s.commit(ctx, once, c, []types.TransactWriteItem{{Update: count}, s.bindAgent(c.OrgID, c.AgentID), row, secrets, locator})
	switch {
	case unmet(err, 0):
		return connection.ErrTooMany
	case unmet(err, 1):
		return connection.ErrNoAgent
	}
	return err
}

func (s *Store) countConnection(orgID string, change int) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: orgKey(orgID).item(),
		UpdateExpression:          new("ADD connections :change"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":change": num(change)},
	}
}

// bindAgent returns the step that makes a connection depend on an agent. It moves the agent's
// revision on, so that of a binding and a deletion at the same time the later one fails: a
// deletion reads the connections again, a binding finds no agent.
func (s *Store) bindAgent(orgID, agentID string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: agentKey(orgID, agentID).item(),
		UpdateExpression:          new("ADD revision :one"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":one": num(1)},
	}}
}
