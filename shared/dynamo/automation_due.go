package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/work"
)

// DueAutomations passes the automations that a schedule makes due by a time to each, page by
// page, the ones that have waited longest first. The refs have no runs. The index may be behind.
func (s *Store) DueAutomations(ctx context.Context, until time.Time, each func([]automation.Ref) error) error {
	rows := waiting[automation.Ref]{s, dueSchedules, keyOfSchedule, scheduleOf}
	return rows.Waiting(ctx, until, func(page []work.Due[automation.Ref]) error {
		refs := make([]automation.Ref, len(page))
		for i, d := range page {
			refs[i] = d.Ref
		}
		return each(refs)
	})
}

// StartDue stores the run of an automation's due time, and moves the due time on to next, in one
// transaction. It reports false if the automation is not the one that was read. A run that is
// stored already stays as it is. The revision grows, so that a concurrent change of the automation,
// which writes its due time, starts over.
func (s *Store) StartDue(ctx context.Context, a automation.Automation, r automation.Run, next time.Time) (bool, error) {
	update, values := "SET due = :next, revision = :after", item{
		":next": num(next.UnixMilli()), ":due": num(a.Due.UnixMilli()), ":before": num(a.Revision), ":after": num(a.Revision + 1),
	}
	if next.IsZero() {
		update = "SET revision = :after REMOVE due_pk, due"
		delete(values, ":next")
	}
	move := types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: automationKey(a.OrgID, a.ID).item(),
		UpdateExpression: &update, ConditionExpression: new("due = :due AND revision = :before"), ExpressionAttributeValues: values,
	}}
	run, err := s.putRun(r)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, append([]types.TransactWriteItem{move}, run...))
	if !unmet(err, 0) && unmet(err, 1) {
		err = s.write(ctx, []types.TransactWriteItem{move})
	}
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}
