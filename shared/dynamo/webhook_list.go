package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Webhooks returns up to limit webhooks of an org, newest first. after is the id of the webhook
// before the first one, or empty.
func (s *Store) Webhooks(ctx context.Context, orgID, after string, limit int) ([]delivery.Webhook, error) {
	if after == "" {
		after = triggerPrefix
	}
	return list(ctx, s, webhooksPK(orgID), after, "", limit, webhookRow.webhook)
}
