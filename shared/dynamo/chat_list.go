package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// batchSize is how many items DynamoDB reads at once.
const batchSize = 100

// Chats returns those of the given chats that exist, by the id of the chat. The read is
// eventually consistent, like that of the lists that it completes.
func (s *Store) Chats(ctx context.Context, all []inbox.Ref) (map[string]inbox.Chat, error) {
	chats := make(map[string]inbox.Chat, len(all))
	for some := range slices.Chunk(all, batchSize) {
		keys := make([]item, 0, len(some))
		for _, r := range some {
			keys = append(keys, chatKey(r).item())
		}
		for left := keys; len(left) > 0; {
			out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: left}}})
			if err != nil {
				return nil, err
			}
			for _, it := range out.Responses[s.table] {
				c, err := chatOf(it)
				if err != nil {
					return nil, err
				}
				chats[c.ChatID] = *c
			}
			left = out.UnprocessedKeys[s.table].Keys
		}
	}
	return chats, nil
}
