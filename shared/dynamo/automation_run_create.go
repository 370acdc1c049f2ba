package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// CreateRun stores a run that has not begun. It reports false if there is one with its id: a
// trigger that is repeated starts one run.
func (s *Store) CreateRun(ctx context.Context, r automation.Run) (bool, error) {
	steps, err := s.putRun(r)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, steps)
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}

// StartRun stores a new run for a request. Under once, it stores the run only if the request is not
// answered yet.
func (s *Store) StartRun(ctx context.Context, once *idempotency.Change, r automation.Run) error {
	steps, err := s.putRun(r)
	if err != nil {
		return err
	}
	return s.commit(ctx, once, r, steps)
}

// putRun returns the steps that store a new run. The first one fails if there is one with its id.
func (s *Store) putRun(r automation.Run) ([]types.TransactWriteItem, error) {
	row, err := s.put(automationRunRowOf(r), ifNew)
	if err != nil {
		return nil, err
	}
	definition, err := automation.Encode(r.Definition)
	if err != nil {
		return nil, err
	}
	at := automationDataKey(r.Ref)
	data, err := s.put(automationDataRow{
		PK: at.pk, SK: at.sk, Definition: definition, Secrets: r.Secrets, Trigger: r.Trigger, Expires: r.StartedAt.Add(automation.Kept).Unix(),
	}, "")
	return []types.TransactWriteItem{row, data}, err
}
