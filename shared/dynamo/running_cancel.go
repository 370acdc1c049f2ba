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
// that makes turns read theirs.
func (s *Store) CancelTurn(ctx context.Context, once *idempotency.Change, of turn.State, now time.Time) error {
	steps := s.cancellation(of, "SET #expires = :expires, cancelled = :now", nil, now)
	for range s.tries(ctx) {
		if err := s.commit(ctx, once, of, steps); crossed(err) != aws.TrueTernary {
			return err
		}
	}
	return contended("The turn")
}

// CancelTurnOf asks a running turn to stop if it is the agent's.
func (s *Store) CancelTurnOf(ctx context.Context, of turn.State, agentID string, now time.Time) error {
	steps := s.cancellation(of, "SET #expires = :expires ADD cancelled_for :agent", &agentID, now)
	for range s.tries(ctx) {
		if err := s.write(ctx, steps); crossed(err) != aws.TrueTernary {
			return err
		}
	}
	return contended("The turn")
}

func (s *Store) cancellation(of turn.State, order string, agentID *string, now time.Time) []types.TransactWriteItem {
	expires, names := num(now.Add(runningLife).Unix()), map[string]string{"#expires": "expires"}
	values := item{":expires": expires, ":now": num(now.UnixMilli())}
	if agentID != nil {
		values = item{":expires": expires, ":agent": &types.AttributeValueMemberSS{Value: []string{*agentID}}}
	}
	return []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: runningKey(of.Turn.OrgID, of.Turn.ID).item(),
		UpdateExpression: &order, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, {Update: &types.Update{
		TableName: &s.table, Key: watchKey(of.Turn.OrgID).item(), UpdateExpression: new("SET #expires = :expires, cancelled_at = :now"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: item{":expires": expires, ":now": num(now.UnixMilli())},
	}}}
}
