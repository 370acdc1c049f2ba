package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/work"
)

// DeliveryReplayer replays deliveries.
type DeliveryReplayer interface {
	wire.Keeper
	Reader
	ReplayDelivery(ctx context.Context, once *idempotency.Change, r delivery.Ref, now time.Time) (delivery.Delivery, error)
}

// DeliveryReplay answers POST /webhooks/{id}/deliveries/{delivery_id}/replay: it sends the same request
// again at once, under the same webhook-id.
func DeliveryReplay(auth wire.Authenticator, deliveries DeliveryReplayer, workers work.Queue, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, deliveries, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (delivery.Delivery, error) {
		target, err := targetOf(r, deliveries, caller, openWebhookOf)
		if err != nil {
			return delivery.Delivery{}, err
		}
		id := param.PathID(r, "delivery_id")
		if !param.IsID(id) {
			return delivery.Delivery{}, delivery.ErrNoDelivery
		}
		d, err := deliveries.ReplayDelivery(r.Context(), once, delivery.Ref{OrgID: caller.OrgID, Target: target, ID: id}, now())
		if err != nil {
			return delivery.Delivery{}, err
		}
		delivery.Wake(r.Context(), workers, d.Ref)
		return d, nil
	}, http.StatusAccepted, shapeOfDelivery)
}
