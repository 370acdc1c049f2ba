package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Webhook returns a webhook by its id, or NotFound.
func (s *Store) Webhook(ctx context.Context, orgID, id string) (delivery.Webhook, error) {
	var r webhookRow
	err := s.get(ctx, webhookKey(orgID, id), &r, delivery.ErrNoWebhook)
	return r.webhook(), err
}
