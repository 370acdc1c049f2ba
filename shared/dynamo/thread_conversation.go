package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Conversation returns a thread and its last turns with one query. The thread's own row sorts
// after its turns, so a reverse query reads it first.
func (s *Store) Conversation(ctx context.Context, orgID, threadID string, turns int) (turn.Conversation, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), Limit: new(int32(turns + 1)), ScanIndexForward: new(false), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(threadPK(orgID, threadID))},
	})
	if err != nil {
		return turn.Conversation{}, err
	}
	if len(out.Items) == 0 || text(out.Items[0]["sk"]) != threadSK {
		return turn.Conversation{}, thread.ErrNotFound
	}
	th, err := threadOf(out.Items[0])
	if err != nil {
		return turn.Conversation{}, err
	}
	latest, err := turnsOf(out.Items[1:])
	slices.Reverse(latest)
	return turn.Conversation{Thread: th, Turns: remembered(th, latest)}, err
}
