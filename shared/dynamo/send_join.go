package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// JoinTemplate stores the outcome of a send and adds the template to the thread of its recipient
// in one transaction. decide is called again if something that it was given has changed.
func (s *Store) JoinTemplate(ctx context.Context, send channel.Send, names inbox.Names, decide func(inbox.Found) (inbox.Joining, error)) error {
	of := inbox.Ref{OrgID: send.OrgID, Channel: connection.WhatsApp, ConnectionID: send.ConnectionID}
	return s.joinOnce(ctx, of, names, decide, func(owners map[string]string, j inbox.Joining, t turn.Turn) ([]types.TransactWriteItem, error) {
		return s.joining(send, owners, j, t)
	})
}

// joinOnce adds a note to the thread of a person, with the steps that others returns, in one
// transaction. The condition of the first of these steps fails if the note was added before; then
// nothing changes. decide is called again if something that it was given has changed.
func (s *Store) joinOnce(
	ctx context.Context, of inbox.Ref, names inbox.Names, decide func(inbox.Found) (inbox.Joining, error),
	others func(owners map[string]string, j inbox.Joining, t turn.Turn) ([]types.TransactWriteItem, error),
) error {
	for range s.tries(ctx) {
		found, owners, err := s.find(ctx, of, names)
		if err != nil {
			return err
		}
		j, err := decide(found)
		if err != nil {
			return err
		}
		_, err = s.addNote(ctx, noting{
			note: j.Note, visitor: j.Visitor,
			others: func(t turn.Turn) ([]types.TransactWriteItem, error) { return others(owners, j, t) },
		})
		switch {
		case unmet(err, 0):
			return nil
		case anyUnmet(err):
			continue
		}
		return err
	}
	return contended("The chat")
}

// joining returns the steps that store a send, its contact and its reply.
func (s *Store) joining(send channel.Send, owners map[string]string, j inbox.Joining, t turn.Turn) ([]types.TransactWriteItem, error) {
	steps := []types.TransactWriteItem{{Put: &types.Put{
		TableName: &s.table, Item: sendItem(send),
		ConditionExpression:      new(ifAttempt + " AND #state = :sending"),
		ExpressionAttributeNames: map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{
			":attempt": str(send.Attempt), ":sending": str(string(channel.Sending)),
		},
	}}}
	contact, err := s.contactSteps(j.Chat.Ref, owners, j.Contact, j.Ownership)
	if err != nil {
		return nil, err
	}
	j.Reply.ID = thread.MessageID(t.Place, model.Assistant, t.ID)
	reply, err := s.put(replyRowOf(j.Reply), ifNew)
	if err != nil {
		return nil, err
	}
	chat := s.createChat(j.Chat)
	if j.HandOver {
		alsoHandOver(chat)
	}
	part := &inbox.PartRef{ChatID: j.Chat.ChatID, ReplyID: j.Reply.ID}
	steps = append(append(steps, contact...), types.TransactWriteItem{Update: chat}, reply,
		types.TransactWriteItem{Put: s.nameChat(j.Chat.Ref, sendAlias(send.ID), part)})
	if id := j.Reply.Parts[0].MessageID; id != "" {
		steps = append(steps, types.TransactWriteItem{Put: s.nameMessage(j.Chat.Ref, id, part)})
	}
	return steps, nil
}

// createChat returns the step that creates a chat without work. An existing one stays as it is.
func (s *Store) createChat(c inbox.Chat) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: chatKey(c.Ref).item(),
		UpdateExpression: new("SET org_id = :org, channel = :channel, connection_id = :connection, id = :id, contact_id = :contact"),
		ExpressionAttributeValues: item{
			":org": str(c.OrgID), ":channel": str(string(c.Channel)), ":connection": str(c.ConnectionID), ":id": str(c.ChatID), ":contact": str(c.ContactID),
		},
	}
}
