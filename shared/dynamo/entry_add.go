package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// AddEntry changes the credits and writes the ledger entry, in one transaction. The error is a
// Conflict if the entry takes more than is available or exceeds the largest balance, and
// NotFound for an unknown org.
func (s *Store) AddEntry(ctx context.Context, once *idempotency.Change, e ledger.Entry) error {
	for {
		err := s.addEntry(ctx, once, e)
		var short tooShortError
		if !errors.As(err, &short) {
			return err
		}
		// The first part may borrow the missing credits from another one.
		if _, err := s.pull(ctx, e.OrgID, 0, short.shards, -e.Amount); err != nil {
			return tooMuch(err)
		}
	}
}

// tooShortError is the error of an account's first part with too few credits.
type tooShortError struct{ shards int }

func (tooShortError) Error() string { return "the account's first part has too little" }

// tooMuch converts a turn's error for a lack of credits into an operator's.
func tooMuch(err error) error {
	if e := fault.From(err); e.Code == fault.InsufficientCredits {
		return notEnough(e.Details.Balance)
	}
	return err
}

// notEnough returns the Conflict of an entry that takes more than is available.
func notEnough(available string) error {
	return fault.New(fault.Conflict, "Only %s credits are available", available)
}

func (s *Store) addEntry(ctx context.Context, once *idempotency.Change, e ledger.Entry) error {
	row, err := s.put(entryRowOf(e), ifNew)
	if err != nil {
		return err
	}
	err = s.commit(ctx, once, e, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: accountKey(e.OrgID).item(),
		UpdateExpression:    new("SET available = available + :amount"),
		ConditionExpression: new("available BETWEEN :taken AND :room"),
		ExpressionAttributeValues: item{
			":amount": num(e.Amount), ":taken": num(max(-e.Amount, 0)), ":room": num(ledger.MaxBalance - max(e.Amount, 0)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, row})
	if !unmet(err, 0) {
		return err
	}
	account := unmetItem(err, 0)
	switch {
	case account == nil:
		return identity.ErrNoOrg
	case e.Amount > 0:
		return fault.New(fault.Conflict, "An account can have at most %s credits", ledger.MaxBalance.Number())
	}
	if shards := accountOf(account).Shards; shards > 1 {
		return tooShortError{shards}
	}
	return notEnough(string(accountOf(account).Available.Number()))
}
