package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/thread"
)

// Thread returns a thread of the org. The error is NotFound for an unknown or deleted thread.
func (s *Store) Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error) {
	row, err := s.threadRow(ctx, orgID, threadID)
	if err != nil {
		return thread.Thread{}, err
	}
	return row.thread()
}

// ThreadPlace returns a thread for its position in the lists. Unlike Thread, it also returns a
// deleted thread, whose position cursors still use.
func (s *Store) ThreadPlace(ctx context.Context, orgID, threadID string) (thread.Thread, error) {
	row, err := s.threadRow(ctx, orgID, threadID)
	if err != nil {
		return thread.Thread{}, err
	}
	row.DeletedAt = ""
	return row.thread()
}

func (s *Store) threadRow(ctx context.Context, orgID, threadID string) (threadRow, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: threadKey(orgID, threadID).item(), ConsistentRead: new(true)})
	if err != nil {
		return threadRow{}, err
	}
	if out.Item == nil {
		return threadRow{}, thread.ErrNotFound
	}
	var r threadRow
	err = attributevalue.UnmarshalMap(out.Item, &r)
	return r, err
}
