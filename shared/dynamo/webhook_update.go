package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// UpdateWebhook applies a patch, which must not be empty, and returns the updated webhook.
func (s *Store) UpdateWebhook(ctx context.Context, once *idempotency.Change, orgID, id string, p delivery.WebhookPatch) (delivery.Webhook, error) {
	before, err := s.Webhook(ctx, orgID, id)
	if err != nil {
		return delivery.Webhook{}, err
	}
	after := p.Apply(before)
	u := patch{condition: exists()}
	if p.URL != nil {
		u.set("url", str(after.URL))
	}
	if p.Description != nil {
		u.set("description", str(after.Description))
	}
	if p.Events != nil {
		u.set("events", strs(after.Events))
	}
	if p.Disabled != nil {
		u.set("disabled", boolean(after.Disabled))
		u.remove("reason", "disabled_at")
	}
	if (p.URL != nil || p.Disabled != nil) && after.FailingSince.IsZero() {
		u.remove("failing_since")
	}
	step, err := s.update(webhookKey(orgID, id), u)
	if err != nil {
		return delivery.Webhook{}, err
	}
	err = s.commit(ctx, once, after, []types.TransactWriteItem{{Update: step}})
	if unmet(err, 0) {
		return delivery.Webhook{}, delivery.ErrNoWebhook
	}
	return after, err
}
