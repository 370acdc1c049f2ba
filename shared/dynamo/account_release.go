package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Release closes an open turn without a charge, and subtracts its message from the month's
// count. It is a no-op for a closed turn.
func (s *Store) Release(ctx context.Context, hold ledger.Hold) error {
	_, err := s.release(ctx, hold)
	return err
}

// release reports whether the turn was still open. It also drops stale counters, because an
// org whose turns all fail has no settlement that would.
func (s *Store) release(ctx context.Context, hold ledger.Hold) (bool, error) {
	names := map[string]string{
		"#open": "open", "#turn": openName(hold.Kind, hold.TurnID), "#messages": monthMessages(hold.Kind, turn.StartedAt(hold.TurnID)),
	}
	values := item{":amount": num(hold.Amount), ":one": num(1)}
	removes, unless := s.dropStale(names, values, hold.Stale)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: shardKey(hold.OrgID, hold.Shard).item(),
		UpdateExpression: new("SET available = available + :amount, #messages = if_not_exists(#messages, :one) - :one " +
			"REMOVE #open.#turn" + removes),
		ConditionExpression:                 new("#open.#turn = :amount" + unless),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	refused, ok := conditionFailed(err)
	if !ok {
		return err == nil, err
	}
	held, open := accountOf(refused).Open[names["#turn"]]
	if !open || held == hold.Amount && unless == "" {
		return false, nil
	}
	hold.Amount = held // it was extended
	hold.Stale = nil   // one of them may be in use again
	return s.release(ctx, hold)
}
