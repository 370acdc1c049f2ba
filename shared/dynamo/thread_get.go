package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/thread"
)

// Thread returns a thread of the org; an unknown or deleted one is NotFound.
func (s *Store) Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: threadKey(orgID, threadID).item(), ConsistentRead: new(true)})
	if err != nil {
		return thread.Thread{}, err
	}
	if out.Item == nil {
		return thread.Thread{}, errNoThread
	}
	return threadOf(out.Item)
}
