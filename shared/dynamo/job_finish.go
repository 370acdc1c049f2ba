package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// FinishJob ends a job and stores the delivery of its outcome, in one
// transaction. It reports whether the job was still ours.
func (s *Store) FinishJob(ctx context.Context, j delivery.Job, d delivery.Delivery) (bool, error) {
	steps, err := s.deliverySteps(d)
	if err != nil {
		return false, err
	}
	steps = append([]types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: jobKey(j.JobRef).item(),
		UpdateExpression:          new("SET delivery_id = :delivery REMOVE due_pk, due, not_before, lease, lease_until, user_text, history, visitor"),
		ConditionExpression:       new(ifLeased),
		ExpressionAttributeValues: item{":lease": str(j.Lease), ":delivery": str(d.ID)},
	}}}, steps...)
	err = s.write(ctx, steps)
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}
