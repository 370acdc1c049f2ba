package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateDelivery stores a delivery. It does not change an existing one.
func (s *Store) CreateDelivery(ctx context.Context, once *idempotency.Change, d delivery.Delivery) error {
	steps, err := s.deliverySteps(d)
	if err != nil {
		return err
	}
	row := len(steps) - 1
	if once != nil || row > 0 {
		err = s.commit(ctx, once, d, steps)
		if unmet(err, row) {
			return nil
		}
		return err
	}
	return s.putNew(ctx, steps[row].Put)
}
