package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// AddWritten adds a person's message to a thread and to the outbox of its chat. The error is
// inbox.ErrOutboxFull if that has no room, or inbox.ErrNoChat.
func (s *Store) AddWritten(ctx context.Context, once *idempotency.Change, w inbox.Written) (inbox.Written, error) {
	written := func(t turn.Turn) inbox.Written {
		after := w
		after.Note = t
		after.Reply.ID = thread.MessageID(t.Place, model.Assistant, t.ID)
		return after
	}
	t, err := s.addNote(ctx, noting{
		note: w.Note, once: once, result: func(t turn.Turn) any { return written(t) },
		others: func(t turn.Turn) ([]types.TransactWriteItem, error) {
			reply := written(t).Reply
			put, err := s.put(replyRowOf(reply), ifNew)
			if err != nil {
				return nil, err
			}
			return []types.TransactWriteItem{{Update: s.addToOutbox(reply)}, put}, nil
		},
	})
	switch {
	case unmet(err, 0) && len(unmetItem(err, 0)) > 0:
		return inbox.Written{}, inbox.ErrOutboxFull
	case unmet(err, 0):
		return inbox.Written{}, inbox.ErrNoChat
	}
	return written(t), err
}

// addToOutbox returns the step that has a worker send a reply of a chat that exists and has room
// for it.
func (s *Store) addToOutbox(r inbox.Reply) *types.Update { return s.addNameToOutbox(r.Ref, r.ID) }

// addNameToOutbox returns the step that adds a name to the outbox of a chat that exists and has room
// for it.
func (s *Store) addNameToOutbox(r inbox.Ref, name string) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: chatKey(r).item(),
		UpdateExpression:    new("SET due_pk = :inbox, due = :due ADD outbox :reply"),
		ConditionExpression: new(ifExists + " AND (attribute_not_exists(outbox) OR size(outbox) < :most)"),

		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ExpressionAttributeValues: item{
			":most":  num(inbox.MaxOutbox),
			":inbox": str(dueInbox(r.Channel.Vendor())), ":due": num(s.now().Add(work.Grace).UnixMilli()),
			":reply": &types.AttributeValueMemberSS{Value: []string{name}},
		},
	}
}
