package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// MarkFailing notes that an endpoint fails since a time, unless that is known;
// a zero time, that it works.
func (s *Store) MarkFailing(ctx context.Context, orgID, id string, since time.Time) error {
	if since.IsZero() {
		return s.judge(ctx, orgID, id, "REMOVE failing_since", ifExists, nil)
	}
	return s.judge(ctx, orgID, id, "SET failing_since = if_not_exists(failing_since, :since)", ifExists, item{":since": str(stamp(since))})
}

// DisableEndpoint turns an endpoint off that is on.
func (s *Store) DisableEndpoint(ctx context.Context, orgID, id string, why delivery.Reason, at time.Time) error {
	return s.judge(
		ctx, orgID, id, "SET disabled = :on, reason = :why, disabled_at = :at",
		ifExists+" AND (attribute_not_exists(disabled) OR disabled <> :on)",
		item{":on": &types.AttributeValueMemberBOOL{Value: true}, ":why": str(string(why)), ":at": str(stamp(at))},
	)
}

func (s *Store) judge(ctx context.Context, orgID, id, update, condition string, values item) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: endpointKey(orgID, id).item(),
		UpdateExpression: &update, ConditionExpression: &condition, ExpressionAttributeValues: values,
	})
	if _, gone := errors.AsType[*types.ConditionalCheckFailedException](err); gone {
		return nil
	}
	return err
}
