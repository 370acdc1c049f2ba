package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/thread"
)

// ChangeThread applies a patch to a thread and its chat. The error is thread.ErrNotFound or
// inbox.ErrNoChat for what is gone.
func (s *Store) ChangeThread(ctx context.Context, once *idempotency.Change, v inbox.View, p inbox.ThreadPatch) (inbox.View, error) {
	var u patch
	u.must(equal("agent_id", str(v.Thread.AgentID)))
	u.must(absent("deleted_at"))
	u.set("agent_id", str(v.Thread.AgentID)) // an update must set something
	if p.Title != nil {
		v.Thread.Title = *p.Title
		u.set("title", str(*p.Title))
	}
	step, err := s.update(threadKey(v.Thread.OrgID, v.Thread.ID), u)
	if err != nil {
		return inbox.View{}, err
	}
	steps := []types.TransactWriteItem{{Update: step}}
	if p.HandedOver != nil {
		chat := *v.Chat
		chat.HandedOver = *p.HandedOver
		v.Chat = &chat
		steps = append(steps, types.TransactWriteItem{Update: s.handOver(chat)})
	}
	err = s.commit(ctx, once, v, steps)
	switch {
	case unmet(err, 0):
		return inbox.View{}, thread.ErrNotFound
	case len(steps) > 1 && unmet(err, 1):
		return inbox.View{}, inbox.ErrNoChat
	}
	return v, err
}

// handOver returns the step that stores whether a person answers the chat.
func (s *Store) handOver(c inbox.Chat) *types.Update {
	u := &types.Update{
		TableName: &s.table, Key: chatKey(c.Ref).item(), ConditionExpression: new(ifExists),
		UpdateExpression: new("REMOVE handed_over"),
	}
	if c.HandedOver {
		u.UpdateExpression = new("SET handed_over = :true")
		u.ExpressionAttributeValues = item{":true": &types.AttributeValueMemberBOOL{Value: true}}
	}
	return u
}
