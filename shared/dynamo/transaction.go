package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The conditions that most steps have.
const (
	ifNew    = "attribute_not_exists(pk)"
	ifExists = "attribute_exists(pk)"
)

// put returns a transaction step that writes row, an item struct.
func (s *Store) put(row any, condition string) (types.TransactWriteItem, error) {
	it, err := attributevalue.MarshalMap(row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	p := &types.Put{TableName: &s.table, Item: it}
	if condition != "" {
		p.ConditionExpression = &condition
	}
	return types.TransactWriteItem{Put: p}, nil
}

// write runs the steps as one transaction.
func (s *Store) write(ctx context.Context, steps []types.TransactWriteItem) error {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: steps})
	return err
}

// canceled reports whether err is the error of a transaction that one of its steps canceled,
// because of a condition or for another reason.
func canceled(err error) bool {
	_, ok := errors.AsType[*types.TransactionCanceledException](err)
	return ok
}

// unmet reports whether err is a transaction's error and the condition of the given step failed.
// It is false for a step that the transaction lacks, such as -1.
func unmet(err error, step int) bool {
	reason, ok := reasonOf(err, step)
	return ok && aws.ToString(reason.Code) == unmetCode
}

// anyUnmet reports whether err is a transaction's error and the condition of any step failed.
func anyUnmet(err error) bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return false
	}
	for step := range canceled.CancellationReasons {
		if unmet(err, step) {
			return true
		}
	}
	return false
}

// unmetItem returns the item on which the condition of a step failed, or nil if there is none or
// the step did not request it.
func unmetItem(err error, step int) item {
	reason, _ := reasonOf(err, step)
	return reason.Item
}

// reasonOf returns a step's cancellation reason.
func reasonOf(err error, step int) (types.CancellationReason, bool) {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok || step < 0 || step >= len(canceled.CancellationReasons) {
		return types.CancellationReason{}, false
	}
	return canceled.CancellationReasons[step], true
}

const unmetCode = "ConditionalCheckFailed"

// conditionFailed reports whether the condition of a single write failed, and returns the item on
// which it failed if the write requested it.
func conditionFailed(err error) (it item, failed bool) {
	refused, failed := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !failed {
		return nil, false
	}
	return refused.Item, true
}
