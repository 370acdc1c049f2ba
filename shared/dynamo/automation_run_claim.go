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
// has ended or waits, or if another worker has a lease on it. A run whose automation was deleted
// is cancelled.
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
	if err := s.readRunData(ctx, &r); err != nil {
		return nil, err
	}
	exists, err := s.exists(ctx, automationKey(r.OrgID, r.AutomationID))
	r.Cancelled = r.Cancelled || !exists
	return &r, err
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

// PutOffRun releases the lease on a run until a time, and counts its claims from the beginning.
// The error is ErrCancelled if somebody has cancelled the run: a time would put off its end, and
// the message that woke a worker for it may have come while the caller had the lease.
func (s *Store) PutOffRun(ctx context.Context, r automation.Run, state automation.State, at time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: automationRunKey(r.Ref).item(),
		UpdateExpression:         new("SET due = :at, not_before = :at, #state = :state REMOVE lease, lease_until, claims"),
		ConditionExpression:      new(ifLeasedRun),
		ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{
			":lease": str(r.Lease), ":at": num(at.UnixMilli()), ":state": str(string(state)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if found, unmet := conditionFailed(err); unmet {
		return runCancelled(r, found)
	}
	return err
}

// ifLeasedRun is the condition of a lease on a run that nobody has cancelled.
const ifLeasedRun = ifLeased + " AND attribute_not_exists(cancelled)"

// runCancelled returns ErrCancelled if a row, on which ifLeasedRun failed, is still leased to the
// worker of a run.
func runCancelled(r automation.Run, found item) error {
	if text(found["lease"]) == r.Lease {
		return automation.ErrCancelled
	}
	return nil
}

// EndRun ends a run, and reports whether the caller still had the lease.
func (s *Store) EndRun(ctx context.Context, r automation.Run, state automation.State, why *automation.StepError, now time.Time) (bool, error) {
	update := "SET #state = :state, ended_at = :now, expires = :expires"
	values := item{":state": str(string(state)), ":now": str(stamp(now)), ":expires": num(r.StartedAt.Add(automation.Kept).Unix())}
	names := map[string]string{"#state": "state"}
	if state != automation.Cancelled { // an event: see the stream's filter
		update += ", stopped = :yes"
		values[":yes"] = &types.AttributeValueMemberBOOL{Value: true}
	}
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
