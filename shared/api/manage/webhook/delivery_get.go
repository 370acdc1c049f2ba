package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// DeliveryReader reads one delivery. The error is NotFound if it does not exist.
type DeliveryReader interface {
	Reader
	Delivery(ctx context.Context, r delivery.Ref) (delivery.Delivery, error)
}

// DeliveryGet answers GET /webhooks/{id}/deliveries/{delivery_id}: one delivery to a
// webhook, or of a callback, with its attempts.
func DeliveryGet(auth wire.Authenticator, deliveries DeliveryReader) http.Handler {
	return frame.Read(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller) (deliveryShape, error) {
		target, err := targetOf(r, deliveries, caller, webhookOf)
		if err != nil {
			return deliveryShape{}, err
		}
		id := param.PathID(r, "delivery_id")
		if !param.IsID(id) {
			return deliveryShape{}, delivery.ErrNoDelivery
		}
		d, err := deliveries.Delivery(r.Context(), delivery.Ref{OrgID: caller.OrgID, Target: target, ID: id})
		if err != nil {
			return deliveryShape{}, err
		}
		return shapeOfDelivery(d), nil
	})
}
