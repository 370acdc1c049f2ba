package dynamo

import (
	"context"
	"errors"

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
	return s.putNew(ctx, steps[row].Put)
}
