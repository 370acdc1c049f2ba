package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateDelivery stores a delivery. One that is there stays as it is, whatever
// has become of it.
func (s *Store) CreateDelivery(ctx context.Context, d delivery.Delivery) error {
	steps, err := s.deliverySteps(d)
	if err != nil {
		return err
	}
	row := len(steps) - 1
	if _, once := idempotency.From(ctx); once || row > 0 {
		err = s.commit(ctx, d, steps)
		var canceled *types.TransactionCanceledException
		if errors.As(err, &canceled) && conditionFailed(canceled.CancellationReasons[row]) {
			return nil
		}
		return err
	}
	// A transaction of one step would cost twice as much.
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: steps[row].Put.Item, ConditionExpression: new(ifNew)})
	if _, there := errors.AsType[*types.ConditionalCheckFailedException](err); there {
		return nil
	}
	return err
}
