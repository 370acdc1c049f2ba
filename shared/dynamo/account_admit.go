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

// Admit opens a turn on its org's account: one conditional write of one item,
// which holds the credits, counts the request, and answers with the account as
// it then stands.
func (s *Store) Admit(ctx context.Context, a turn.Admission) (ledger.Hold, error) {
	minute := minuteOf(a.At)
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: accountKey(a.OrgID).item(),
		UpdateExpression: new("SET available = available - #hold, #open.#turn = #hold, " +
			"#org = if_not_exists(#org, :none) + :one, #key = if_not_exists(#key, :none) + :one, " +
			// Holds end in the order they began, so the first one's end is when
			// the sweeper must look.
			"due_pk = :due, due = if_not_exists(due, :expiry)"),
		ConditionExpression: new("available >= #hold AND size(#open) < limit_turns AND attribute_not_exists(#open.#turn) " +
			"AND (attribute_not_exists(#org) OR #org < limit_rate) AND (attribute_not_exists(#key) OR #key < limit_key_rate)"),
		ExpressionAttributeNames: map[string]string{
			"#hold": "hold", "#open": "open", "#turn": a.TurnID,
			"#org": orgWindow(minute), "#key": keyWindow(minute, a.KeyID),
		},
		ExpressionAttributeValues: item{
			":none": num(0), ":one": num(1), ":due": str(dueAll), ":expiry": num(a.At.Add(ledger.HoldLife).UnixMilli()),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return s.refused(a, refused.Item)
	}
	if err != nil {
		return ledger.Hold{}, err
	}
	return holdOf(a, out.Attributes), nil
}

// refused reads why from the account that the gate saw.
func (s *Store) refused(a turn.Admission, it item) (ledger.Hold, error) {
	if it == nil {
		return ledger.Hold{}, fmt.Errorf("org %s has no account", a.OrgID)
	}
	account := accountOf(it)
	if _, open := account.Open[a.TurnID]; open {
		// A retry of the SDK's whose first try was heard after all.
		return holdOf(a, it), nil
	}
	if err := ledger.Refusal(account, windowOf(it, a.KeyID, a.At)); err != nil {
		return ledger.Hold{}, err
	}
	return ledger.Hold{}, fmt.Errorf("org %s was refused for no reason", a.OrgID)
}

func holdOf(a turn.Admission, it item) ledger.Hold {
	account := accountOf(it)
	return ledger.Hold{
		OrgID: a.OrgID, TurnID: a.TurnID, Amount: account.Open[a.TurnID],
		Account: account, Stale: staleWindows(it, a.At),
	}
}
