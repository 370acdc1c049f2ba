package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// ChangeTerms changes an account's prices and limits, and returns the account as
// it then stands, with the prices that metering hides while it is off. An
// unknown org is NotFound.
func (s *Store) ChangeTerms(ctx context.Context, orgID string, p ledger.TermsPatch) (ledger.Account, error) {
	for range maxTries {
		out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: accountKey(orgID).item(), ConsistentRead: new(true)})
		if err != nil {
			return ledger.Account{}, err
		}
		if out.Item == nil {
			return ledger.Account{}, errNoOrg
		}
		a := termsOf(out.Item)
		if err := p.Apply(&a); err != nil {
			return ledger.Account{}, err
		}
		err = s.commit(ctx, a, []types.TransactWriteItem{{Update: s.setTerms(a, integer(out.Item["terms"]))}})
		var canceled *types.TransactionCanceledException
		if errors.As(err, &canceled) && conditionFailed(canceled.CancellationReasons[0]) {
			continue // somebody else was first
		}
		return a, err
	}
	return ledger.Account{}, fault.New(fault.Conflict, "The limits are being changed by others; try again")
}

// setTerms returns the step that writes the terms, if they are still the ones
// that were read: their attribute "terms" counts the changes.
func (s *Store) setTerms(a ledger.Account, was int64) *types.Update {
	set, remove := "SET terms = :next", ""
	names, values := map[string]string{}, item{":next": num(was + 1), ":was": num(was)}
	terms := termsItem(a)
	for name, value := range terms {
		set += ", #" + name + " = :" + name
		names["#"+name], values[":"+name] = name, value
	}
	gone := []string{"model_prices"}
	for name := range caps(&a.Limits) {
		gone = append(gone, name)
	}
	for _, name := range gone {
		if terms[name] == nil {
			remove += ", #" + name
			names["#"+name] = name
		}
	}
	if remove != "" {
		set += " REMOVE " + remove[len(", "):]
	}
	return &types.Update{
		TableName: &s.table, Key: accountKey(a.OrgID).item(), UpdateExpression: &set,
		ConditionExpression:       new("attribute_exists(pk) AND (attribute_not_exists(terms) OR terms = :was)"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	}
}
