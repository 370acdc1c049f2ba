package dynamo

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Pending returns the first messages that wait in a chat, in order.
func (s *Store) Pending(ctx context.Context, c inbox.Chat, limit int) ([]inbox.Pending, error) {
	return s.pendingIn(ctx, &dynamodb.QueryInput{
		Limit:                     new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :pending)"),
		ExpressionAttributeValues: item{":pk": str(chatKey(c.Ref).pk), ":pending": str(pendingSK)},
	}, limit)
}

// Taken returns the messages of a chat's run, in order. Messages that were filed later may stand
// before or between them.
func (s *Store) Taken(ctx context.Context, c inbox.Chat) ([]inbox.Pending, error) {
	first, last := slices.Min(c.Run.Taken), slices.Max(c.Run.Taken)
	between, err := s.pendingIn(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: new("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{
			":pk": str(chatKey(c.Ref).pk), ":first": str(pendingKey(c.Ref, first).sk), ":last": str(pendingKey(c.Ref, last).sk),
		},
	}, 0)
	return slices.DeleteFunc(between, func(p inbox.Pending) bool { return !slices.Contains(c.Run.Taken, p.Key) }), err
}

// pendingIn returns the pending messages that a query finds, at most limit unless that is 0.
func (s *Store) pendingIn(ctx context.Context, q *dynamodb.QueryInput, limit int) ([]inbox.Pending, error) {
	q.ConsistentRead = new(true)
	var all []inbox.Pending
	for row, err := range rows[pendingRow](ctx, s, q) {
		if err != nil {
			return nil, err
		}
		p := inbox.Pending{Key: pendingName(row.SK), At: unstamp(row.At)}
		if err := json.Unmarshal([]byte(row.Message), &p.Message); err != nil {
			return nil, err
		}
		if all = append(all, p); len(all) == limit {
			break
		}
	}
	return all, nil
}

// BeginRun stores the run of a chat. It reports false if the lease is lost.
func (s *Store) BeginRun(ctx context.Context, c inbox.Chat, run inbox.Run) (bool, error) {
	row, err := attributevalue.MarshalMap(runRow{ID: run.ID, AgentID: run.AgentID, Taken: run.Taken})
	if err != nil {
		return false, err
	}
	after, err := s.changeChat(ctx, c.Ref, "SET run = :run", ifLeased+" AND (attribute_not_exists(run) OR run.id = :id)",
		item{":lease": str(c.Lease), ":run": &types.AttributeValueMemberM{Value: row}, ":id": str(run.ID)})
	return after != nil, err
}

// FinishRun ends a run with the key of its turn, or the handling of messages without one, in one
// transaction. It reports false if the lease is lost, and changes nothing then. The error is
// inbox.ErrSettled if a note was to end a run whose turn has settled.
func (s *Store) FinishRun(ctx context.Context, c inbox.Chat, end inbox.Ending) (bool, error) {
	if end.Note != nil {
		_, err := s.addNote(ctx, noting{
			note:   *end.Note,
			others: func(t turn.Turn) ([]types.TransactWriteItem, error) { return s.endOfRun(c, end, &t) },
		})
		return finished(err)
	}
	steps, err := s.endOfRun(c, end, end.Turn)
	if err != nil {
		return false, err
	}
	return finished(s.write(ctx, steps))
}

// finished reports whether the transaction of a run's end was written, now or by an earlier
// attempt whose response was lost.
func finished(err error) (bool, error) {
	switch {
	case unmet(err, 0):
		return false, nil
	case unmet(err, 1): // the first message is gone
		return true, nil
	case unmet(err, keyStep):
		return false, inbox.ErrSettled
	}
	return err == nil, err
}

// keyStep is the index of the step that ends the key of a run, if it has messages. Its condition
// alone can fail there.
const keyStep = 2

// endOfRun returns the steps that end a run. t is the turn or the note that has its messages;
// nil if they are dropped.
func (s *Store) endOfRun(c inbox.Chat, end inbox.Ending, t *turn.Turn) ([]types.TransactWriteItem, error) {
	chat := &types.Update{
		TableName: &s.table, Key: chatKey(c.Ref).item(),
		UpdateExpression:          new("REMOVE run, tries, not_before, first_pending ADD pending :less"),
		ConditionExpression:       new(ifLeased),
		ExpressionAttributeValues: item{":lease": str(c.Lease), ":less": num(-len(end.Taken))},
	}
	steps := []types.TransactWriteItem{{Update: chat}}
	for i, p := range end.Taken {
		gone := &types.Delete{TableName: &s.table, Key: pendingKey(c.Ref, p.Key).item()}
		if i == 0 {
			gone.ConditionExpression = new(ifExists)
		}
		steps = append(steps, types.TransactWriteItem{Delete: gone})
	}
	if c.Run != nil {
		chat.ConditionExpression = new(ifLeased + " AND run.id = :run")
		chat.ExpressionAttributeValues[":run"] = str(c.Run.ID)
		once, err := c.Key()
		if err != nil {
			return nil, err
		}
		ended := s.endKey(once)
		if end.Note != nil {
			ended.ConditionExpression = new(ifUnsettled)
		}
		steps = slices.Insert(steps, min(keyStep, len(steps)), types.TransactWriteItem{Update: ended})
	}
	for _, p := range end.Taken {
		steps = append(steps, types.TransactWriteItem{Update: s.placeMessage(c.Ref, p, t)})
	}
	if end.Reply != nil {
		r := *end.Reply
		if r.ID == "" {
			r.ID = thread.MessageID(t.Place, model.Assistant, t.ID)
		}
		put, err := s.put(replyRowOf(r), ifNew)
		if err != nil {
			return nil, err
		}
		steps = append(steps, put)
		chat.UpdateExpression = new(*chat.UpdateExpression + ", outbox :reply")
		chat.ExpressionAttributeValues[":reply"] = &types.AttributeValueMemberSS{Value: []string{r.ID}}
	}
	return steps, nil
}

// placeMessage returns the step that records where a message is now: corrections of it arrive
// later.
func (s *Store) placeMessage(r inbox.Ref, p inbox.Pending, t *turn.Turn) *types.Update {
	r.UpdateID = p.Key[strings.LastIndex(p.Key, "#")+1:]
	u := &types.Update{TableName: &s.table, Key: receivedKey(r).item(), UpdateExpression: new("REMOVE pending")}
	if t != nil && r.Channel.Vendor() == connection.MetaVendor { // the others have no corrections, and keep no text
		u.UpdateExpression = new("SET thread_pk = :thread, turn_sk = :turn, #text = :text REMOVE pending")
		u.ExpressionAttributeNames = map[string]string{"#text": "text"}
		u.ExpressionAttributeValues = item{
			":thread": str(threadPK(t.OrgID, t.ThreadID)), ":turn": str(turnSK(t.Place)), ":text": str(p.Line()),
		}
	}
	return u
}
