package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// AddPost adds a post to the thread of its recipient and to the outbox of the chat, in one
// transaction. decide is called again if something that it was given has changed. If there is a
// post with the id, nothing changes.
func (s *Store) AddPost(ctx context.Context, id string, of inbox.Ref, names inbox.Names, decide func(inbox.Found) (inbox.Joining, error)) error {
	return s.joinOnce(ctx, of, names, decide, func(owners map[string]string, j inbox.Joining, t turn.Turn) ([]types.TransactWriteItem, error) {
		return s.posting(id, owners, j, t)
	})
}

// posting returns the steps that store a post, its contact and its reply.
func (s *Store) posting(id string, owners map[string]string, j inbox.Joining, t turn.Turn) ([]types.TransactWriteItem, error) {
	contact, err := s.contactSteps(j.Chat.Ref, owners, j.Contact, j.Ownership)
	if err != nil {
		return nil, err
	}
	j.Reply.ID = thread.MessageID(t.Place, model.Assistant, t.ID)
	reply, err := s.put(replyRowOf(j.Reply), ifNew)
	if err != nil {
		return nil, err
	}
	chat := s.touchChat(j.Chat)
	if j.HandOver {
		alsoHandOver(chat)
	}
	chat.UpdateExpression = new(*chat.UpdateExpression + " ADD outbox :reply")
	chat.ConditionExpression = new("attribute_not_exists(outbox) OR size(outbox) < :most")
	chat.ExpressionAttributeValues[":most"] = num(inbox.MaxOutbox)
	chat.ExpressionAttributeValues[":reply"] = &types.AttributeValueMemberSS{Value: []string{j.Reply.ID}}
	at := aliasKey(j.Chat.OrgID, j.Chat.ConnectionID, postAlias(id))
	name := types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, ConditionExpression: new(ifNew),
		Item: item{
			"pk": str(at.pk), "sk": str(at.sk), "channel": str(string(j.Chat.Channel)), "chat_id": str(j.Chat.ChatID), "reply_id": str(j.Reply.ID),
		},
	}}
	return append(append([]types.TransactWriteItem{name}, contact...), types.TransactWriteItem{Update: chat}, reply), nil
}

// Posted returns the post with an id, or nil.
func (s *Store) Posted(ctx context.Context, orgID, connectionID, id string) (*inbox.Posted, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, ConsistentRead: new(true), Key: aliasKey(orgID, connectionID, postAlias(id)).item(),
	})
	if err != nil || out.Item == nil {
		return nil, err
	}
	return &inbox.Posted{
		Ref:     inbox.Ref{OrgID: orgID, Channel: connection.Channel(text(out.Item["channel"])), ConnectionID: connectionID, ChatID: text(out.Item["chat_id"])},
		ReplyID: text(out.Item["reply_id"]),
	}, nil
}
