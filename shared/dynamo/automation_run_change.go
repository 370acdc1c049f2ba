package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CancelRun asks a run to stop before its next step, and makes it due. The error is ErrNoRun, or
// ErrRunEnded.
func (s *Store) CancelRun(ctx context.Context, once *idempotency.Change, ref automation.Ref, now time.Time) (automation.Run, error) {
	var row automationRunRow
	if err := s.get(ctx, automationRunKey(ref), &row, automation.ErrNoRun); err != nil {
		return automation.Run{}, err
	}
	r := row.run()
	if r.State.Ended() {
		return r, automation.ErrRunEnded
	}
	r.Cancelled = true
	err := s.commit(ctx, once, r, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: automationRunKey(ref).item(),
		UpdateExpression: new("SET cancelled = :yes, due = :now"), ConditionExpression: new("attribute_exists(due_pk)"),
		ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true}, ":now": num(now.UnixMilli())},
	}}})
	if unmet(err, 0) {
		return r, automation.ErrRunEnded
	}
	return r, err
}

// RerunRun starts a run that has ended again, from a step on: a new generation, in which the
// steps before it keep their results. The error is ErrNoRun; or ErrRunning if the run has not
// ended, or was run again since it was read.
func (s *Store) RerunRun(ctx context.Context, once *idempotency.Change, r automation.Run, from string, now time.Time) (automation.Run, error) {
	if !r.State.Ended() {
		return r, automation.ErrRunning
	}
	again := r
	again.State, again.Generation, again.From = automation.Running, r.Generation+1, from
	again.Cancelled, again.Error, again.EndedAt, again.Claims = false, nil, time.Time{}, 0
	err := s.commit(ctx, once, again, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: automationRunKey(r.Ref).item(),
		UpdateExpression: new("SET due_pk = :runs, due = :now, #state = :running, from_step = :from, generation = :generation " +
			"REMOVE ended_at, #error, cancelled, claims, expires, stopped"),
		ConditionExpression:      new("attribute_not_exists(due_pk) AND ended_at = :ended"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#error": "error"},
		ExpressionAttributeValues: item{
			":runs": str(dueAutomations), ":now": num(now.UnixMilli()), ":running": str(string(automation.Running)), ":from": str(from),
			":generation": num(again.Generation), ":ended": str(stamp(r.EndedAt)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}})
	switch {
	case unmet(err, 0) && unmetItem(err, 0) == nil:
		return r, automation.ErrNoRun
	case unmet(err, 0):
		return r, automation.ErrRunning
	}
	return again, err
}
