package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// moveTrigger returns the steps that give a changed automation the rows by which its trigger finds
// it, and release those of before. A step with a condition fails if another automation has the
// path.
func (s *Store) moveTrigger(before, after automation.Automation) ([]types.TransactWriteItem, error) {
	return s.movePath(before, after)
}
