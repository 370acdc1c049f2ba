package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Extend adds to the hold of an open turn: want, or all that is available if that is
// less, but at least need. A part of an account that has too little borrows from the
// others. Errors: InsufficientCredits if less than need is available, Conflict if
// the turn is no longer open.
func (s *Store) Extend(ctx context.Context, hold ledger.Hold, need, want ledger.Credits) (ledger.Hold, error) {
	by := want
	for range maxTries {
		extended, available, err := s.extend(ctx, hold, by)
		if !errors.Is(err, errTooLittle) {
			return extended, err
		}
		switch {
		case available >= need:
			by = min(want, available)
		case hold.Account.Shards > 1:
			if _, err := s.pull(ctx, hold.OrgID, hold.Shard, hold.Account.Shards, need); err != nil {
				return hold, err
			}
			by = need
		default:
			return hold, shortOf(need, available)
		}
	}
	return hold, shortOf(need, 0)
}

func shortOf(need, available ledger.Credits) error {
	return ledger.NoCredits(available, fmt.Sprintf("No credits available: %s left, the answer needs %s more", available, need))
}

// errTooLittle is the error of an account's part that has too few credits.
var errTooLittle = errors.New("too little is available")

// extend adds to a hold in one conditional write, or returns errTooLittle and what
// is available.
func (s *Store) extend(ctx context.Context, hold ledger.Hold, by ledger.Credits) (ledger.Hold, ledger.Credits, error) {
	name := openName(hold.Kind, hold.TurnID)
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: shardKey(hold.OrgID, hold.Shard).item(),
		UpdateExpression:         new("SET available = available - :by, #open.#turn = :after"),
		ConditionExpression:      new("#open.#turn = :before AND available >= :by"),
		ExpressionAttributeNames: map[string]string{"#open": "open", "#turn": name},
		ExpressionAttributeValues: item{
			":by": num(by), ":before": num(hold.Amount), ":after": num(hold.Amount + by),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	refused, ok := conditionFailed(err)
	if err != nil && !ok {
		return hold, 0, err
	}
	if !ok {
		hold.Account, hold.Amount = accountOf(out.Attributes), hold.Amount+by
		return hold, 0, nil
	}
	account := accountOf(refused)
	held, open := account.Open[name]
	switch {
	case !open:
		return hold, 0, turn.ErrReleased
	case held != hold.Amount: // an SDK attempt whose response was lost
		hold.Account, hold.Amount = account, held
		return hold, 0, nil
	}
	return hold, account.Available, errTooLittle
}

var _ turn.Store = (*Store)(nil)
