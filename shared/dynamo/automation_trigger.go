package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// pathRow names the automation that a path belongs to.
type pathRow struct {
	PK           string `dynamodbav:"pk"`
	SK           string `dynamodbav:"sk"`
	OrgID        string `dynamodbav:"org_id"`
	AutomationID string `dynamodbav:"automation_id"`
}

// moveTrigger returns the steps that give a changed automation the rows by which its trigger finds
// it, and release those of before. A step fails if another automation has the path.
func (s *Store) moveTrigger(before, after automation.Automation) []types.TransactWriteItem {
	if before.Path() == after.Path() {
		return nil
	}
	var steps []types.TransactWriteItem
	if path := before.Path(); path != "" {
		steps = append(steps, types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table, Key: pathKey(path).item()}})
	}
	if path := after.Path(); path != "" {
		at := pathKey(path)
		steps = append(steps, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, ConditionExpression: new(ifNew),
			Item: item{"pk": str(at.pk), "sk": str(at.sk), "org_id": str(after.OrgID), "automation_id": str(after.ID)},
		}})
	}
	return steps
}
