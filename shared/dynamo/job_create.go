package dynamo

import (
	"context"

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
	return s.putNew(ctx, step.Put)
}
