package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// FinishFanout removes a claimed fan-out with its body. It returns the id of the fan-out that
// waits for it, also together with an error. It does not change a fan-out that another worker
// has claimed meanwhile. Parts of the body that it could not remove expire.
func (s *Store) FinishFanout(ctx context.Context, d delivery.Delivery) (next string, err error) {
	out, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: deliveryKey(d.Ref).item(),
		ConditionExpression:       new(ifLeased),
		ExpressionAttributeValues: item{":lease": str(d.Lease)},
		ReturnValues:              types.ReturnValueAllOld,
	})
	if _, lost := conditionFailed(err); lost {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for i := range int(integer(out.Attributes["parts"])) {
		if _, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: partKey(d.Ref, i).item()}); err != nil {
			return text(out.Attributes["next"]), err
		}
	}
	return text(out.Attributes["next"]), nil
}
