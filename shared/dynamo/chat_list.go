package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// Chats returns those of the given chats that exist, by the id of the chat. The read is
// eventually consistent, like that of the lists that it completes.
func (s *Store) Chats(ctx context.Context, all []inbox.Ref) (map[string]inbox.Chat, error) {
	keys := make([]key, 0, len(all))
	for _, r := range all {
		keys = append(keys, chatKey(r))
	}
	items, err := s.batch(ctx, keys)
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
