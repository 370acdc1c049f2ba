package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// KeepStep stores an execution, if the caller still has the lease on its run. It reports whether
// it has. The error is ErrCancelled for an attempt that has not begun of a cancelled run; nothing
// is stored then.
func (s *Store) KeepStep(ctx context.Context, r automation.Run, e automation.Execution) (bool, error) {
	put, err := s.put(automationStepRowOf(r, e), "")
	if err != nil {
		return false, err
	}
	condition := ifLeased
	if e.Attempting() {
		condition = ifLeasedRun
	}
	err = s.write(ctx, []types.TransactWriteItem{{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: automationRunKey(r.Ref).item(),
		ConditionExpression: &condition, ExpressionAttributeValues: item{":lease": str(r.Lease)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, put})
	if unmet(err, 0) {
		return false, runCancelled(r, unmetItem(err, 0))
	}
	return err == nil, err
}

// Executions returns the latest execution of each path of a run, ordered by path.
func (s *Store) Executions(ctx context.Context, ref automation.Ref) ([]automation.Execution, error) {
	all := []automation.Execution{}
	for row, err := range rows[automationStepRow](ctx, s, &dynamodb.QueryInput{ // those of a path follow one another
		ConsistentRead:            new(true),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :step)"),
		ExpressionAttributeValues: item{":pk": str(automationRunPK(ref)), ":step": str(automationStepPrefix)},
	}) {
		if err != nil {
			return nil, err
		}
		if last := len(all) - 1; last >= 0 && all[last].Path == row.Path {
			all[last] = row.execution()
			continue
		}
		all = append(all, row.execution())
	}
	return all, nil
}
