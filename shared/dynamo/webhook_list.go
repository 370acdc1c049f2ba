package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Webhooks returns up to limit webhooks of an org, newest first. After an
// webhook's id means older than it; empty means from the newest on.
func (s *Store) Webhooks(ctx context.Context, orgID, after string, limit int) ([]delivery.Webhook, error) {
	return list(ctx, s, webhooksPK(orgID), after, "", limit, webhookRow.webhook)
}
