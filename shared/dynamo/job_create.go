package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateJob stores a job. From then on it is run, whatever dies.
func (s *Store) CreateJob(ctx context.Context, j delivery.Job) error {
	step, err := s.put(jobRowOf(j), ifNew)
	if err != nil {
		return err
	}
	if _, once := idempotency.From(ctx); once {
		return s.commit(ctx, nil, []types.TransactWriteItem{step})
	}
	// A transaction of one step would cost twice as much.
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: step.Put.Item, ConditionExpression: new(ifNew)})
	if _, ours := errors.AsType[*types.ConditionalCheckFailedException](err); ours {
		return nil // a try of the SDK's that was heard and not answered
	}
	return err
}
