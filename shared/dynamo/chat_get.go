package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// Chat returns a chat, or nil.
func (s *Store) Chat(ctx context.Context, r inbox.Ref) (*inbox.Chat, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, ConsistentRead: new(true), Key: chatKey(r).item()})
	if err != nil || out.Item == nil {
		return nil, err
	}
	return chatOf(out.Item)
}

func chatOf(it item) (*inbox.Chat, error) {
	var row chatRow
	if err := attributevalue.UnmarshalMap(it, &row); err != nil {
		return nil, err
	}
	c, err := row.chat()
	return &c, err
}

// Chats returns those of the given chats that exist, by the id of the chat. The read is
// eventually consistent, like that of the lists that it completes.
func (s *Store) Chats(ctx context.Context, all []inbox.Ref) (map[string]inbox.Chat, error) {
	keys := make([]key, 0, len(all))
	for _, r := range all {
		keys = append(keys, chatKey(r))
	}
	items, err := s.batch(ctx, keys, eventual)
	if err != nil {
		return nil, err
	}
	chats := make(map[string]inbox.Chat, len(items))
	for _, it := range items {
		c, err := chatOf(it)
		if err != nil {
			return nil, err
		}
		chats[c.ChatID] = *c
	}
	return chats, nil
}
