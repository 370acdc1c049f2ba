package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Release closes an open turn with nothing charged. A turn that is closed
// already is left as it is.
func (s *Store) Release(ctx context.Context, hold ledger.Hold) error {
	_, err := s.release(ctx, hold.OrgID, hold.TurnID, hold.Amount, hold.Stale)
	return err
}

// release reports whether the turn was still open. It drops the counters that
// are stale, for an org whose turns all fail settles none that would.
func (s *Store) release(ctx context.Context, orgID, turnID string, amount ledger.Credits, stale []string) (bool, error) {
	names := map[string]string{"#open": "open", "#turn": turnID}
	update := dropStale("SET available = available + :amount REMOVE #open.#turn", names, stale)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: accountKey(orgID).item(),
		UpdateExpression:          &update,
		ConditionExpression:       new("#open.#turn = :amount"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: item{":amount": num(amount)},
	})
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return false, nil
	}
	return err == nil, err
}
