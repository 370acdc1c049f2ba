package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// Run returns a run whole, or ErrNoRun.
func (s *Store) Run(ctx context.Context, ref automation.Ref) (automation.Run, error) {
	var row automationRunRow
	if err := s.get(ctx, automationRunKey(ref), &row, automation.ErrNoRun); err != nil {
		return automation.Run{}, err
	}
	r := row.run()
	return r, s.readRunData(ctx, &r)
}

// Runs returns up to limit runs of an automation, newest first, without their definitions and
// triggers. After a run's id means older than it.
func (s *Store) Runs(ctx context.Context, orgID, automationID, after string, limit int) ([]automation.Run, error) {
	return list(ctx, s, automationRunsPK(orgID, automationID), after, "", limit, automationRunRow.run)
}

// CancelRun asks a run to stop before its next step, and makes it due. The error is ErrNoRun, or
// ErrRunEnded.
func (s *Store) CancelRun(ctx context.Context, ref automation.Ref, now time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: automationRunKey(ref).item(),
		UpdateExpression:    new("SET cancelled = :yes, due = :now"),
		ConditionExpression: new("attribute_exists(due_pk)"),
		ExpressionAttributeValues: item{
			":yes": &types.AttributeValueMemberBOOL{Value: true}, ":now": num(now.UnixMilli()),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	switch found, unmet := conditionFailed(err); {
	case unmet && len(found) > 0:
		return automation.ErrRunEnded
	case unmet:
		return automation.ErrNoRun
	}
	return err
}

// RerunRun starts a run that has ended again, from a step on: a new generation, in which the
// steps before it keep their results. The error is ErrNoRun, or ErrRunning.
func (s *Store) RerunRun(ctx context.Context, ref automation.Ref, from string, now time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: automationRunKey(ref).item(),
		UpdateExpression: new("SET due_pk = :runs, due = :now, #state = :running, from_step = :from ADD generation :one " +
			"REMOVE ended_at, #error, cancelled, expires"),
		ConditionExpression:      new("attribute_exists(pk) AND attribute_not_exists(due_pk)"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#error": "error"},
		ExpressionAttributeValues: item{
			":runs": str(dueAutomations), ":now": num(now.UnixMilli()), ":running": str(string(automation.Running)), ":from": str(from), ":one": num(1),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	switch found, unmet := conditionFailed(err); {
	case unmet && len(found) > 0:
		return automation.ErrRunning
	case unmet:
		return automation.ErrNoRun
	}
	return err
}
