package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// KeepStep stores an execution, if the caller still has the lease on its run. It reports whether
// it has.
func (s *Store) KeepStep(ctx context.Context, r automation.Run, e automation.Execution) (bool, error) {
	put, err := s.put(automationStepRowOf(r, e), "")
	if err != nil {
		return false, err
	}
	err = s.write(ctx, []types.TransactWriteItem{{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: automationRunKey(r.Ref).item(),
		ConditionExpression: new(ifLeased), ExpressionAttributeValues: item{":lease": str(r.Lease)},
	}}, put})
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}

// Executions returns all executions of a run, those of a path in the order of generations.
func (s *Store) Executions(ctx context.Context, ref automation.Ref) ([]automation.Execution, error) {
	return collect(ctx, s, &dynamodb.QueryInput{
		ConsistentRead:            new(true),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :step)"),
		ExpressionAttributeValues: item{":pk": str(automationRunPK(ref)), ":step": str(automationStepPrefix)},
	}, everything, automationStepRow.execution)
}
