package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/work"
)

// DeliveryCreator stores deliveries.
type DeliveryCreator interface {
	wire.Keeper
	Reader
	CreateDelivery(ctx context.Context, once *idempotency.Change, d delivery.Delivery) error
}

// Test answers POST /webhooks/{id}/test: it sends a test event, which has its own type, to the webhook.
func Test(auth wire.Authenticator, deliveries DeliveryCreator, workers work.Queue, now func() time.Time) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, deliveries, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (delivery.Delivery, error) {
		e, err := openWebhookOf(r, deliveries, caller)
		if err != nil {
			return delivery.Delivery{}, err
		}
		d, err := event.TestDelivery(e, now())
		if err != nil {
			return delivery.Delivery{}, err
		}
		if err := deliveries.CreateDelivery(r.Context(), once, d); err != nil {
			return delivery.Delivery{}, err
		}
		delivery.Wake(r.Context(), workers, d.Ref)
		return d, nil
	}, http.StatusAccepted, shapeOfDelivery)
}
