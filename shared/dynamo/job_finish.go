package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/job"
)

// FinishJob ends a job and the key of its turn, stops counting it as waiting and stores the
// delivery of its outcome, in one transaction. It reports whether the caller still had the lease.
func (s *Store) FinishJob(ctx context.Context, j job.Job, d delivery.Delivery) (bool, error) {
	once, err := j.Key()
	if err != nil {
		return false, err
	}
	steps, err := s.deliverySteps(d)
	if err != nil {
		return false, err
	}
	steps = append([]types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: jobKey(j.Ref).item(),
		// A waiting job does not expire, because it would count as waiting forever.
		UpdateExpression:          new("SET delivery_id = :delivery, expires = :expires REMOVE due_pk, due, not_before, lease, lease_until, user_text, history, visitor"),
		ConditionExpression:       new(ifLeased),
		ExpressionAttributeValues: item{":lease": str(j.Lease), ":delivery": str(d.ID), ":expires": num(d.CreatedAt.Add(keptFor).Unix())},
	}}, {Update: &types.Update{
		TableName: &s.table, Key: shardKey(j.OrgID, j.Shard).item(),
		UpdateExpression:          new("SET " + waitingTurns + " = " + waitingTurns + " - :one"),
		ConditionExpression:       new(waitingTurns + " >= :one"),
		ExpressionAttributeValues: item{":one": num(1)},
	}}, {Update: s.endKey(once)}}, steps...)
	err = s.write(ctx, steps)
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}
