package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// UpdateWebhook applies a patch, which must not be empty, and returns the
// webhook as it then is.
func (s *Store) UpdateWebhook(ctx context.Context, orgID, id string, p delivery.WebhookPatch) (delivery.Webhook, error) {
	before, err := s.Webhook(ctx, orgID, id)
	if err != nil {
		return delivery.Webhook{}, err
	}
	after := p.Apply(before)
	names, values := map[string]string{}, item{}
	var sets, removes []string
	set := func(name string, value types.AttributeValue) {
		sets = append(sets, "#"+name+" = :"+name)
		names["#"+name], values[":"+name] = name, value
	}
	if p.URL != nil {
		set("url", str(after.URL))
	}
	if p.Description != nil {
		set("description", str(after.Description))
	}
	if p.Events != nil {
		set("events", strs(after.Events))
	}
	if p.Disabled != nil {
		set("disabled", &types.AttributeValueMemberBOOL{Value: after.Disabled})
		removes = append(removes, "reason", "disabled_at")
	}
	if (p.URL != nil || p.Disabled != nil) && after.FailingSince.IsZero() {
		removes = append(removes, "failing_since")
	}
	update := "SET " + strings.Join(sets, ", ")
	if len(removes) > 0 {
		update += " REMOVE " + strings.Join(removes, ", ")
	}
	err = s.commit(ctx, after, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: webhookKey(orgID, id).item(), UpdateExpression: &update,
		ConditionExpression: new(ifExists), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}})
	if unmet(err, 0) {
		return delivery.Webhook{}, delivery.ErrNoWebhook
	}
	return after, err
}
