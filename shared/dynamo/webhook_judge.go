package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// MarkFailing records the time since which a webhook fails, unless one is recorded; a zero time
// removes it. It does not change a webhook whose URL has changed.
func (s *Store) MarkFailing(ctx context.Context, e delivery.Webhook, since time.Time) error {
	if since.IsZero() {
		return s.judge(ctx, e, "REMOVE failing_since", ifUnmoved, item{})
	}
	return s.judge(ctx, e, "SET failing_since = if_not_exists(failing_since, :since)", ifUnmoved, item{":since": str(stamp(since))})
}

// DisableWebhook disables a webhook, unless it is disabled or its URL has changed.
func (s *Store) DisableWebhook(ctx context.Context, e delivery.Webhook, why delivery.Reason, at time.Time) error {
	return s.judge(
		ctx, e, "SET disabled = :on, reason = :why, disabled_at = :at",
		ifUnmoved+" AND (attribute_not_exists(disabled) OR disabled <> :on)",
		item{":on": boolean(true), ":why": str(string(why)), ":at": str(stamp(at))},
	)
}

// ifUnmoved is the condition that a webhook still has the URL of the attempt. Otherwise the
// attempt's result says nothing about the webhook.
const ifUnmoved = "#url = :url"

func (s *Store) judge(ctx context.Context, e delivery.Webhook, update, condition string, values item) error {
	values[":url"] = str(e.URL)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: webhookKey(e.OrgID, e.ID).item(),
		UpdateExpression: &update, ConditionExpression: &condition, ExpressionAttributeValues: values,
		ExpressionAttributeNames: map[string]string{"#url": "url"},
	})
	if _, gone := conditionFailed(err); gone {
		return nil
	}
	return err
}
