package dynamo

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Correct files an update that replaces the text of a message: the one that waits, or the one
// in the thread. An unknown message is left alone.
func (s *Store) Correct(ctx context.Context, r inbox.Received, message, fresh string) error {
	original := r.Ref
	original.UpdateID = message
	for range s.tries(ctx) {
		var row receivedRow
		if err := s.get(ctx, receivedKey(original), &row, errAbsent); err != nil && err != errAbsent { //nolint:errorlint // the value itself
			return err
		}
		steps, err := s.correction(ctx, original, row, fresh)
		if err != nil {
			return err
		}
		var mark patch
		mark.remove("due_pk", "due", "update")
		mark.must(exists().And(attribute("due_pk").AttributeExists()))
		first, err := s.update(receivedKey(r.Ref), mark)
		if err != nil {
			return err
		}
		err = s.write(ctx, append([]types.TransactWriteItem{{Update: first}}, steps...))
		switch {
		case unmet(err, receivedStep):
			return nil
		case anyUnmet(err):
			continue
		}
		return err
	}
	return contended("The message")
}

// correction returns the steps that replace a message's text; none if it is nowhere.
func (s *Store) correction(ctx context.Context, original inbox.Ref, row receivedRow, fresh string) ([]types.TransactWriteItem, error) {
	var at key
	var name, value, old string
	switch {
	case row.Waiting != "":
		original.ChatID = row.ChatID
		at, name = waitingKey(original, row.Waiting), "message"
	case row.Turn != "":
		at, name = key{row.Thread, row.Turn}, "user_text"
	default:
		return nil, nil
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, ConsistentRead: new(true), Key: at.item()})
	if err != nil {
		return nil, err
	}
	if old = text(out.Item[name]); old == "" {
		return nil, nil
	}
	if name == "message" {
		var m channel.Inbound
		if err := json.Unmarshal([]byte(old), &m); err != nil {
			return nil, err
		}
		m.Text = fresh
		b, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		value = string(b)
	} else {
		value = strings.Replace(old, row.Text, fresh, 1)
	}
	steps := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: at.item(), UpdateExpression: new("SET #text = :fresh"), ConditionExpression: new("#text = :old"),
		ExpressionAttributeNames:  map[string]string{"#text": name},
		ExpressionAttributeValues: item{":fresh": str(value), ":old": str(old)},
	}}}
	if name == "user_text" { // a further correction replaces this text
		steps = append(steps, types.TransactWriteItem{Update: &types.Update{
			TableName: &s.table, Key: receivedKey(original).item(), UpdateExpression: new("SET #text = :fresh"), ConditionExpression: new("#text = :old"),
			ExpressionAttributeNames:  map[string]string{"#text": "text"},
			ExpressionAttributeValues: item{":fresh": str(fresh), ":old": str(row.Text)},
		}})
	}
	return steps, nil
}
