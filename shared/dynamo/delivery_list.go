package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Deliveries returns up to limit deliveries of a target without their bodies,
// newest first. After a delivery's id means older than it; empty means from the
// newest on.
func (s *Store) Deliveries(ctx context.Context, orgID, target, after string, limit int) ([]delivery.Delivery, error) {
	pk := deliveryKey(delivery.Ref{OrgID: orgID, Target: target}).pk
	return list(ctx, s, pk, after, "", limit, func(r deliveryRow) delivery.Delivery { return *r.delivery() })
}
