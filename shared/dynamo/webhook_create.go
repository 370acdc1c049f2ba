package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/secret"
)

// CreateWebhook stores a new webhook with its sealed secret. The org's row has the number of
// webhooks, so that it never exceeds the limit.
func (s *Store) CreateWebhook(ctx context.Context, once *idempotency.Change, e delivery.Webhook, sealed []byte) error {
	e.Secret = "" // not even kept with the request's answer
	row, err := s.put(webhookRowOf(e), ifNew)
	if err != nil {
		return err
	}
	pair, err := s.put(secretRowOf(e.OrgID, e.ID, secret.Pair{Current: sealed, Version: 1}), ifNew)
	if err != nil {
		return err
	}
	count := s.countWebhook(e.OrgID, 1)
	count.ConditionExpression = new(ifExists + " AND (attribute_not_exists(webhooks) OR webhooks < :most)")
	count.ExpressionAttributeValues[":most"] = num(delivery.MaxWebhooks)
	err = s.commit(ctx, once, e, []types.TransactWriteItem{{Update: count}, row, pair})
	if unmet(err, 0) {
		return delivery.ErrTooManyWebhooks
	}
	return err
}

func (s *Store) countWebhook(orgID string, change int) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: orgKey(orgID).item(),
		UpdateExpression:          new("ADD webhooks :change"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":change": num(change)},
	}
}
