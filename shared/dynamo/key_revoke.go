package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

// RevokeKey revokes a key at the given time. A revoked key keeps its time. The error is NotFound
// for an unknown key or another org's.
func (s *Store) RevokeKey(ctx context.Context, once *idempotency.Change, orgID, keyID string, at time.Time) error {
	k, err := s.Key(ctx, orgID, keyID)
	if err != nil {
		return err
	}
	if !k.RevokedAt.IsZero() {
		return s.confirm(ctx, once, nil)
	}
	var steps []types.TransactWriteItem
	for _, row := range []key{keyKey(k.Hash), listedKey(orgID, keyID)} {
		steps = append(steps, types.TransactWriteItem{Update: &types.Update{
			TableName: &s.table, Key: row.item(),
			UpdateExpression:          new("SET revoked_at = if_not_exists(revoked_at, :at)"),
			ConditionExpression:       new(ifExists),
			ExpressionAttributeValues: item{":at": str(stamp(at))},
		}})
	}
	return s.commit(ctx, once, nil, steps)
}
