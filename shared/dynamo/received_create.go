package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// Receive stores an update that is to be filed. It reports false, and changes nothing, if the
// update was received before.
func (s *Store) Receive(ctx context.Context, r inbox.Received) (bool, error) {
	row, err := receivedRowOf(r)
	if err != nil {
		return false, err
	}
	it, err := attributevalue.MarshalMap(row)
	if err != nil {
		return false, err
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: it,
		ConditionExpression:                 new(ifFree),
		ExpressionAttributeValues:           item{":now": num(r.At.Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureNone,
	})
	if _, known := conditionFailed(err); known {
		return false, nil
	}
	return err == nil, err
}

// Received returns an update that is not filed yet, or nil.
func (s *Store) Received(ctx context.Context, r inbox.Ref) (*inbox.Received, error) {
	var row receivedRow
	err := s.get(ctx, receivedKey(r), &row, errAbsent)
	if err == errAbsent || err == nil && row.DuePK == "" { //nolint:errorlint // the value itself
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	received, err := row.received()
	return &received, err
}
