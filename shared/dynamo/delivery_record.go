package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// RecordDelivery stores the state of a claimed delivery and releases its lease. It returns the
// id of the delivery that is linked to it. It does not change a delivery that another worker
// has claimed meanwhile.
func (s *Store) RecordDelivery(ctx context.Context, d delivery.Delivery) (next string, err error) {
	attempts, err := attributevalue.Marshal(attemptRowsOf(d.Attempts))
	if err != nil {
		return "", err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: deliveryKey(d.Ref).item(),
		UpdateExpression:         new("SET #status = :status, made = :made, attempts = :attempts REMOVE lease, lease_until, due_pk, due"),
		ConditionExpression:      new(ifLeased),
		ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{
			":status": str(string(d.Status)), ":made": num(d.Made), ":attempts": attempts, ":lease": str(d.Lease),
		},
		ReturnValues: types.ReturnValueAllNew,
	}
	if d.Status == delivery.Pending {
		in.UpdateExpression = new("SET #status = :status, made = :made, attempts = :attempts, next_at = :next, due = :next REMOVE lease, lease_until")
		in.ExpressionAttributeValues[":next"] = num(d.NextAt.UnixMilli())
	}
	out, err := s.db.UpdateItem(ctx, in)
	if _, lost := conditionFailed(err); lost {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return text(out.Attributes["next"]), nil
}
