package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// LinkDelivery links a delivery that was not attempted yet to the next one, and reports whether
// it is linked.
func (s *Store) LinkDelivery(ctx context.Context, r delivery.Ref, next string) (bool, error) {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: deliveryKey(r).item(),
		UpdateExpression:         new("SET #next = :next"),
		ConditionExpression:      new("#status = :pending AND made = :none AND (attribute_not_exists(#next) OR #next = :next)"),
		ExpressionAttributeNames: map[string]string{"#status": "status", "#next": "next"},
		ExpressionAttributeValues: item{
			":next": str(next), ":pending": str(string(delivery.Pending)), ":none": num(0),
		},
	})
	if _, not := conditionFailed(err); not {
		return false, nil
	}
	return err == nil, err
}
