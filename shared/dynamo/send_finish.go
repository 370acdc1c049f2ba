package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/channel"
)

// ifAttempt is the condition of a send's own record.
const ifAttempt = "attempt = :attempt"

// FinishSend stores the outcome of a send.
func (s *Store) FinishSend(ctx context.Context, send channel.Send) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: sendItem(send),
		ConditionExpression:       new(ifAttempt),
		ExpressionAttributeValues: item{":attempt": str(send.Attempt)},
	})
	return err
}

// DropSend removes the record of a send. One that is gone already is no error.
func (s *Store) DropSend(ctx context.Context, send channel.Send) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: sendKey(send.OrgID, send.ID).item(),
		ConditionExpression:       new(ifAttempt),
		ExpressionAttributeValues: item{":attempt": str(send.Attempt)},
	})
	if _, gone := conditionFailed(err); gone {
		return nil
	}
	return err
}
