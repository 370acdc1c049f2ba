package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Delivery returns a delivery, or ErrNoDelivery.
func (s *Store) Delivery(ctx context.Context, r delivery.Ref) (delivery.Delivery, error) {
	var row deliveryRow
	if err := s.get(ctx, deliveryKey(r), &row, delivery.ErrNoDelivery); err != nil {
		return delivery.Delivery{}, err
	}
	d := row.delivery()
	body, err := s.body(ctx, row)
	d.Body = body
	return *d, err
}
