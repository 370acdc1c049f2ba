package webhook

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/identity"
)

// DeliveryLister lists deliveries.
type DeliveryLister interface {
	Reader
	Deliveries(ctx context.Context, orgID, target, after string, limit int) ([]delivery.Delivery, error)
}

type (
	deliveryShape struct {
		ID            string         `json:"id"`
		EventID       string         `json:"event_id"` // the webhook-id
		Type          string         `json:"type"`
		Status        string         `json:"status"`
		CreatedAt     string         `json:"created_at"`
		NextAttemptAt *string        `json:"next_attempt_at"` // null when there is none to come
		Attempts      []attemptShape `json:"attempts"`
	}
	attemptShape struct {
		At         string  `json:"at"`
		DurationMS int64   `json:"duration_ms"`
		Status     *int    `json:"status"`  // null when there was no answer
		Failure    *string `json:"failure"` // why there was none
		Answer     string  `json:"answer"`
	}
)

func shapeOfDelivery(d delivery.Delivery) deliveryShape {
	s := deliveryShape{
		ID: d.ID, EventID: d.EventID, Type: d.Type, Status: string(d.Status), CreatedAt: wire.Date(d.CreatedAt),
		Attempts: wire.List(d.Attempts, shapeOfAttempt),
	}
	if d.Status == delivery.Pending {
		s.NextAttemptAt = new(wire.Date(d.NextAt))
	}
	return s
}

func shapeOfAttempt(a delivery.Attempt) attemptShape {
	s := attemptShape{At: wire.Date(a.At), DurationMS: a.Duration.Milliseconds(), Failure: wire.Nullable(string(a.Failure)), Answer: a.Answer}
	if a.Status != 0 {
		s.Status = &a.Status
	}
	return s
}

// DeliveryList answers GET /webhooks/{id}/deliveries: a page of the deliveries to a webhook or of
// callbacks, newest first.
func DeliveryList(auth wire.Authenticator, deliveries DeliveryLister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if err := caller.MayManage(); err != nil {
			return err
		}
		target, err := targetOf(r, deliveries, caller, webhookOf)
		if err != nil {
			return err
		}
		return frame.Page(w, r, func(after *frame.Cursor, limit int) ([]delivery.Delivery, error) {
			return deliveries.Deliveries(r.Context(), caller.OrgID, target, after.LastID(), limit)
		}, shapeOfDelivery, func(d delivery.Delivery) frame.Cursor { return frame.Cursor{ID: d.ID, At: d.CreatedAt} })
	}))
}
