package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// pathRow is the hook of a path. Each change of the automation replaces it.
type pathRow struct {
	PK           string `dynamodbav:"pk"`
	SK           string `dynamodbav:"sk"`
	OrgID        string `dynamodbav:"org_id"`
	AutomationID string `dynamodbav:"automation_id"`
	Revision     int64  `dynamodbav:"revision"`
	Disabled     bool   `dynamodbav:"disabled,omitempty"`
	Verify       string `dynamodbav:"verify"`
	Secret       []byte `dynamodbav:"secret,omitempty"`
}

// Hook returns what the path of a webhook trigger leads to, or ErrNoHook. It reads one small row,
// whatever the automation is like, because anybody can ask for a path.
func (s *Store) Hook(ctx context.Context, path string) (automation.Hook, error) {
	var row pathRow
	if err := s.get(ctx, pathKey(path), &row, automation.ErrNoHook); err != nil {
		return automation.Hook{}, err
	}
	return automation.Hook{
		OrgID: row.OrgID, AutomationID: row.AutomationID, Revision: row.Revision, Disabled: row.Disabled,
		Verify: automation.VerifyType(row.Verify), Secret: row.Secret,
	}, nil
}

// movePath returns the steps that give a changed automation its path with a fresh hook, and release
// the path of before. The step with a condition fails if another automation has the path.
func (s *Store) movePath(before, after automation.Automation) ([]types.TransactWriteItem, error) {
	var steps []types.TransactWriteItem
	if path := before.Path(); path != "" && path != after.Path() {
		steps = append(steps, types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table, Key: pathKey(path).item()}})
	}
	h, ok := after.Hook()
	if !ok {
		return steps, nil
	}
	at := pathKey(after.Path())
	put, err := s.put(pathRow{
		PK: at.pk, SK: at.sk, OrgID: h.OrgID, AutomationID: h.AutomationID, Revision: h.Revision, Disabled: h.Disabled,
		Verify: string(h.Verify), Secret: h.Secret,
	}, ifNew+" OR automation_id = :id")
	if err != nil {
		return nil, err
	}
	put.Put.ExpressionAttributeValues = item{":id": str(h.AutomationID)}
	return append(steps, put), nil
}
