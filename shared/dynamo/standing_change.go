package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Stand stores an org's standing, in one transaction with a condition check of each part of its
// account. It fails if a part's balance or the standing has changed since the read. So the
// standing never derives from an inconsistent or outdated sum.
func (s *Store) Stand(ctx context.Context, is event.Standing, parts []ledger.Account) error {
	row, err := s.put(standingRowOf(is), ifNew+" OR changes = :was")
	if err != nil {
		return err
	}
	row.Put.ExpressionAttributeValues = item{":was": num(is.Changes - 1)}
	steps := []types.TransactWriteItem{row}
	for shard, part := range parts {
		steps = append(steps, types.TransactWriteItem{ConditionCheck: s.unmoved(part, shard)})
	}
	err = s.write(ctx, steps)
	if anyUnmet(err) {
		return nil
	}
	return err
}

// unmoved returns the condition check that the balance of an account's part and the number of
// parts are unchanged.
func (s *Store) unmoved(part ledger.Account, shard int) *types.ConditionCheck {
	open := item{}
	for name, hold := range part.Open {
		open[name] = num(hold)
	}
	return &types.ConditionCheck{
		TableName: &s.table, Key: shardKey(part.OrgID, shard).item(),
		ConditionExpression:      new("available = :available AND #open = :open AND shards = :shards"),
		ExpressionAttributeNames: map[string]string{"#open": "open"},
		ExpressionAttributeValues: item{
			":available": num(part.Available), ":open": &types.AttributeValueMemberM{Value: open}, ":shards": num(part.Shards),
		},
	}
}

// MarkTold records that an org's webhooks were notified of its standing, unless the standing has
// changed.
func (s *Store) MarkTold(ctx context.Context, is event.Standing) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: standingKey(is.OrgID).item(),
		UpdateExpression: new("SET told = below"), ConditionExpression: new("changes = :changes"),
		ExpressionAttributeValues: item{":changes": num(is.Changes)},
	})
	if _, gone := conditionFailed(err); gone {
		return nil
	}
	return err
}
