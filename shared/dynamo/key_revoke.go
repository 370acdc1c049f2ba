package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// RevokeKey ends a key from the given time on; a key that is revoked already
// keeps its time. An unknown one is NotFound.
func (s *Store) RevokeKey(ctx context.Context, k account.Key, at time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: keyKey(k.Hash).item(),
		UpdateExpression:          new("SET revoked_at = if_not_exists(revoked_at, :at)"),
		ConditionExpression:       new("org_id = :org"),
		ExpressionAttributeValues: item{":at": str(stamp(at)), ":org": str(k.OrgID)},
	})
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return fault.New(fault.NotFound, "API key not found")
	}
	return err
}
