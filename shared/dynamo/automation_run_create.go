package dynamo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// CreateRun stores a run that has not begun. It reports false if there is one with its id: a
// trigger that is repeated starts one run.
func (s *Store) CreateRun(ctx context.Context, r automation.Run) (bool, error) {
	row, err := s.put(automationRunRowOf(r), ifNew)
	if err != nil {
		return false, err
	}
	definition, err := json.Marshal(r.Definition)
	if err != nil {
		return false, err
	}
	at := automationDataKey(r.Ref)
	data, err := s.put(automationDataRow{PK: at.pk, SK: at.sk, Definition: definition, Trigger: r.Trigger, Expires: r.StartedAt.Add(keptFor).Unix()}, "")
	if err != nil {
		return false, err
	}
	err = s.write(ctx, []types.TransactWriteItem{row, data})
	if unmet(err, 0) {
		return false, nil
	}
	return err == nil, err
}
