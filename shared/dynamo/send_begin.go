package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
)

// BeginSend stores the record of a send, or returns the record that has its id.
func (s *Store) BeginSend(ctx context.Context, send channel.Send) (*channel.Send, error) {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: sendItem(send),
		ConditionExpression:                 new(ifFree),
		ExpressionAttributeValues:           item{":now": num(send.At.Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	it, taken := conditionFailed(err)
	if !taken {
		return nil, err
	}
	earlier := sendOf(it)
	if earlier.Attempt == send.Attempt {
		return nil, nil // an SDK attempt whose response was lost
	}
	return &earlier, nil
}
