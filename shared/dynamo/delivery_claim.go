package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// tolerance is the time by which a delivery may be sent too early, because clocks differ.
const tolerance = time.Second

// ClaimDelivery takes a lease on a due delivery until a time. It returns nil if the delivery
// is not pending, is not due, or another worker has a lease on it.
func (s *Store) ClaimDelivery(ctx context.Context, r delivery.Ref, lease string, now, until time.Time) (*delivery.Delivery, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: deliveryKey(r).item(),
		UpdateExpression: new("SET lease = :lease, lease_until = :until, due = :until"),
		ConditionExpression: new("#status = :pending AND next_at <= :soon AND " +
			"(attribute_not_exists(lease_until) OR lease_until <= :now OR lease = :lease)"),
		ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{
			":lease": str(lease), ":until": num(until.UnixMilli()), ":pending": str(string(delivery.Pending)),
			":now": num(now.UnixMilli()), ":soon": num(now.Add(tolerance).UnixMilli()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if _, not := conditionFailed(err); not {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var row deliveryRow
	if err := attributevalue.UnmarshalMap(out.Attributes, &row); err != nil {
		return nil, err
	}
	d := row.delivery()
	d.Body, err = s.body(ctx, row)
	return d, err
}

// body returns a delivery's body, joined from its parts if it has some.
func (s *Store) body(ctx context.Context, row deliveryRow) ([]byte, error) {
	packed := row.Body
	for i := range row.Parts {
		var part partRow
		if err := s.get(ctx, partKey(delivery.Ref{OrgID: row.OrgID, Target: row.Target, ID: row.ID}, i), &part, delivery.ErrNoDelivery); err != nil {
			return nil, err
		}
		packed = append(packed, part.Body...)
	}
	return unpack(packed)
}
