package dynamo

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// ClaimRun takes a lease on a run until a time, and returns it whole. It returns nil if the run
// has ended or waits, or if another worker has a lease on it.
func (s *Store) ClaimRun(ctx context.Context, ref automation.Ref, lease string, now, until time.Time) (*automation.Run, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: automationRunKey(ref).item(),
		UpdateExpression: new("SET lease = :lease, lease_until = :until, due = :until, #state = :running ADD claims :one"),
		// The caller's own lease means that an SDK attempt succeeded and its response was lost.
		ConditionExpression: new("attribute_exists(due_pk) AND (attribute_not_exists(lease_until) OR lease_until <= :now OR lease = :lease) " +
			"AND (attribute_not_exists(not_before) OR not_before <= :soon OR cancelled = :yes)"),
		ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{
			":lease": str(lease), ":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":one": num(1),
			":soon": num(now.Add(tolerance).UnixMilli()), ":running": str(string(automation.Running)), ":yes": &types.AttributeValueMemberBOOL{Value: true},
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if _, taken := conditionFailed(err); taken {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var row automationRunRow
	if err := attributevalue.UnmarshalMap(out.Attributes, &row); err != nil {
		return nil, err
	}
	r := row.run()
	return &r, s.readRunData(ctx, &r)
}

func (s *Store) readRunData(ctx context.Context, r *automation.Run) error {
	var data automationDataRow
	if err := s.get(ctx, automationDataKey(r.Ref), &data, automation.ErrNoRun); err != nil {
		return err
	}
	r.Trigger, r.Secrets = data.Trigger, data.Secrets
	return json.Unmarshal(data.Definition, &r.Definition)
}

// ExtendRun extends the lease on a run, and reports whether the caller still has it.
func (s *Store) ExtendRun(ctx context.Context, r automation.Run, until time.Time) (bool, error) {
	return s.leaseRun(ctx, r, "SET lease_until = :at, due = :at", item{":at": num(until.UnixMilli())}, nil)
}

// PutOffRun releases the lease on a run until a time, and counts its claims from the beginning. A
// cancelled run is taken at once.
func (s *Store) PutOffRun(ctx context.Context, r automation.Run, state automation.State, at time.Time) error {
	_, err := s.leaseRun(ctx, r, "SET due = :at, not_before = :at, #state = :state REMOVE lease, lease_until, claims",
		item{":at": num(at.UnixMilli()), ":state": str(string(state))}, map[string]string{"#state": "state"})
	return err
}

// EndRun ends a run, and reports whether the caller still had the lease.
func (s *Store) EndRun(ctx context.Context, r automation.Run, state automation.State, why *automation.StepError, now time.Time) (bool, error) {
	update := "SET #state = :state, ended_at = :now, expires = :expires"
	values := item{":state": str(string(state)), ":now": str(stamp(now)), ":expires": num(now.Add(keptFor).Unix())}
	names := map[string]string{"#state": "state"}
	if why != nil {
		update, names["#error"] = update+", #error = :error", "error"
		values[":error"] = &types.AttributeValueMemberM{Value: item{"step": str(why.Step), "message": str(why.Message)}}
	}
	return s.leaseRun(ctx, r, update+" REMOVE due_pk, due, not_before, lease, lease_until", values, names)
}

func (s *Store) leaseRun(ctx context.Context, r automation.Run, update string, values item, names map[string]string) (bool, error) {
	values[":lease"] = str(r.Lease)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: automationRunKey(r.Ref).item(),
		UpdateExpression: &update, ConditionExpression: new(ifLeased), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	if _, lost := conditionFailed(err); lost {
		return false, nil
	}
	return err == nil, err
}
