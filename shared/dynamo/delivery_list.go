package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Deliveries returns up to limit deliveries of a target, newest first, without their bodies.
// after is the id of the delivery before the first one, or empty.
func (s *Store) Deliveries(ctx context.Context, orgID, target, after string, limit int) ([]delivery.Delivery, error) {
	pk := deliveryKey(delivery.Ref{OrgID: orgID, Target: target}).pk
	return list(ctx, s, pk, after, "", limit, func(r deliveryRow) delivery.Delivery { return *r.delivery() })
}
