package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// AddEntry moves credits and writes down why, in one transaction. What would
// take more than is available, or give more than an account may own, is a
// Conflict; an unknown org is NotFound.
func (s *Store) AddEntry(ctx context.Context, e ledger.Entry) error {
	row, err := s.put(entryRowOf(e), ifNew)
	if err != nil {
		return err
	}
	err = s.commit(ctx, e, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: accountKey(e.OrgID).item(),
		UpdateExpression:    new("SET available = available + :amount"),
		ConditionExpression: new("available BETWEEN :taken AND :room"),
		ExpressionAttributeValues: item{
			":amount": num(e.Amount), ":taken": num(max(-e.Amount, 0)), ":room": num(ledger.MaxBalance - max(e.Amount, 0)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, row})
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) || !conditionFailed(canceled.CancellationReasons[0]) {
		return err
	}
	account := canceled.CancellationReasons[0].Item
	switch {
	case account == nil:
		return errNoOrg
	case e.Amount > 0:
		return fault.New(fault.Conflict, "The account would own more than %s credits", ledger.MaxBalance.Number())
	}
	return fault.New(fault.Conflict, "Only %s credits are available", accountOf(account).Available.Number())
}

var errNoOrg = fault.New(fault.NotFound, "Organisation not found")
