package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/inbox"
)

// alias returns the contact, or the chat of the message, that has a name.
func (s *Store) alias(ctx context.Context, r inbox.Ref, name string) (contactID, chatID string, err error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, ConsistentRead: new(true), Key: aliasKey(r.OrgID, r.ConnectionID, name).item(),
	})
	if err != nil {
		return "", "", err
	}
	return text(out.Item["contact_id"]), text(out.Item["chat_id"]), nil
}

// chatOfParents returns the chat of the first of some messages that is known, or an empty id. It
// reads all at once.
func (s *Store) chatOfParents(ctx context.Context, r inbox.Ref, parents []string) (string, error) {
	keys := make([]key, 0, len(parents))
	for _, id := range parents {
		keys = append(keys, aliasKey(r.OrgID, r.ConnectionID, messageAlias(id)))
	}
	items, err := s.batch(ctx, keys, strong)
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		for _, it := range items {
			if text(it["pk"]) == k.pk && text(it["sk"]) == k.sk {
				return text(it["chat_id"]), nil
			}
		}
	}
	return "", nil
}

// nameMessage returns the step that lets a message be found by the provider's id. part is set
// for one that was sent.
func (s *Store) nameMessage(r inbox.Ref, messageID string, part *inbox.PartRef) *types.Put {
	return s.nameChat(r, messageAlias(messageID), part)
}

// nameChat returns the step that lets a chat, or a part that was sent, be found by a name.
func (s *Store) nameChat(r inbox.Ref, name string, part *inbox.PartRef) *types.Put {
	at := aliasKey(r.OrgID, r.ConnectionID, name)
	it := item{"pk": str(at.pk), "sk": str(at.sk), "chat_id": str(r.ChatID)}
	if part != nil {
		it["reply_id"], it["part"] = str(part.ReplyID), num(part.Part)
	}
	return &types.Put{TableName: &s.table, Item: it}
}

// ContactNamed returns the contact of a connection who has a name, or inbox.ErrNoContact.
func (s *Store) ContactNamed(ctx context.Context, of inbox.Ref, name string) (inbox.Contact, error) {
	id, _, err := s.alias(ctx, of, name)
	if err != nil {
		return inbox.Contact{}, err
	}
	if id == "" {
		return inbox.Contact{}, inbox.ErrNoContact
	}
	return s.Contact(ctx, of.OrgID, id)
}
