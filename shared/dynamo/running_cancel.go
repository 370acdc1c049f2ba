package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// CancelTurn asks a running turn to stop: one transaction of the turn's row, and of the org's row
// that makes turns read theirs. With an agent, only a turn of that agent obeys.
func (s *Store) CancelTurn(ctx context.Context, once *idempotency.Change, of turn.State, agentID string, now time.Time) error {
	order := &types.Update{
		TableName: &s.table, Key: runningKey(of.Turn.OrgID, of.Turn.ID).item(),
		UpdateExpression:          new("SET #expires = :expires, cancelled = :now"),
		ExpressionAttributeNames:  map[string]string{"#expires": "expires"},
		ExpressionAttributeValues: item{":expires": num(now.Add(runningLife).Unix()), ":now": num(now.UnixMilli())},
	}
	if agentID != "" {
		order.UpdateExpression = new("SET #expires = :expires ADD cancelled_for :agent")
		delete(order.ExpressionAttributeValues, ":now")
		order.ExpressionAttributeValues[":agent"] = &types.AttributeValueMemberSS{Value: []string{agentID}}
	}
	signal := &types.Update{
		TableName: &s.table, Key: watchKey(of.Turn.OrgID).item(),
		UpdateExpression:          new("SET #expires = :expires, cancelled_at = :now"),
		ExpressionAttributeNames:  map[string]string{"#expires": "expires"},
		ExpressionAttributeValues: item{":expires": num(now.Add(runningLife).Unix()), ":now": num(now.UnixMilli())},
	}
	for range s.tries(ctx) {
		err := s.commit(ctx, once, of, []types.TransactWriteItem{{Update: order}, {Update: signal}})
		if crossed(err) != aws.TrueTernary {
			return err
		}
	}
	return contended("The turn")
}
