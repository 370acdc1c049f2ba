package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Stand keeps where an org stands, in one transaction with a look at each part of
// its account: unless all own what they did when they were read, or somebody
// else has changed it, nothing is kept. So it is never kept of a sum that never
// was, nor late.
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

// unmoved is the condition that a part of an account owns what it did, and that
// there are no more parts than there were.
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

// MarkTold notes that an org's webhooks know where it stands, unless it stands
// elsewhere by now.
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
