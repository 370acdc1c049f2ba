package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// DeleteWebhook deletes a webhook and its secret. Its pending deliveries fail at their next
// attempt.
func (s *Store) DeleteWebhook(ctx context.Context, once *idempotency.Change, orgID, id string) error {
	err := s.commit(ctx, once, nil, []types.TransactWriteItem{
		{Delete: &types.Delete{TableName: &s.table, Key: webhookKey(orgID, id).item(), ConditionExpression: new(ifExists)}},
		{Delete: &types.Delete{TableName: &s.table, Key: secretKey(orgID, id).item()}},
		{Update: s.countWebhook(orgID, -1)},
	})
	if unmet(err, 0) {
		return delivery.ErrNoWebhook
	}
	return err
}
