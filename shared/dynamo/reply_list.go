package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// Replies returns the replies of a chat from one message to another, by the id of the message.
func (s *Store) Replies(ctx context.Context, r inbox.Ref, first, last string) (map[string]inbox.Reply, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead:         new(true),
		KeyConditionExpression: new("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{
			":pk": str(chatKey(r).pk), ":first": str(replySK + first), ":last": str(replySK + last),
		},
	}
	all := map[string]inbox.Reply{}
	for row, err := range rows[replyRow](ctx, s, q) {
		if err != nil {
			return nil, err
		}
		reply, err := row.reply(r)
		if err != nil {
			return nil, err
		}
		all[reply.ID] = reply
	}
	return all, nil
}
