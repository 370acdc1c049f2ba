package dynamo

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Correct files an update that replaces the text of a message: the one that waits, or the one
// in the thread. A later correction of the message is not replaced by an earlier one.
func (s *Store) Correct(ctx context.Context, r inbox.Received, message, fresh string, at time.Time) (inbox.Corrected, error) {
	original := r.Ref
	original.UpdateID = message
	for range s.tries(ctx) {
		var row receivedRow
		err := s.get(ctx, receivedKey(original), &row, errAbsent)
		switch {
		case err == errAbsent: //nolint:errorlint // the value itself
			return inbox.MessageUnknown, nil
		case err != nil:
			return "", err
		case row.DuePK != "": // a worker may be filing the text that it has read
			return inbox.MessageBusy, nil
		}
		steps, err := s.correction(ctx, original, row, fresh, at)
		if err != nil {
			return "", err
		}
		first, err := s.update(receivedKey(r.Ref), filed())
		if err != nil {
			return "", err
		}
		err = s.write(ctx, append([]types.TransactWriteItem{{Update: first}}, steps...))
		switch {
		case unmet(err, receivedStep):
			return inbox.MessageCorrected, nil
		case row.Pending != "" && unmet(err, len(steps)): // the last step, after the mark
			return inbox.MessageBusy, nil
		case anyUnmet(err):
			continue
		}
		return inbox.MessageCorrected, err
	}
	return "", contended("The message")
}

// correction returns the steps that replace a message's text; none if it is nowhere, or if a
// later correction was first. While a worker handles a message, its text must not change: the
// last step for one that waits checks that.
func (s *Store) correction(ctx context.Context, original inbox.Ref, row receivedRow, fresh string, when time.Time) ([]types.TransactWriteItem, error) {
	var at key
	var name, value string
	switch {
	case row.Corrected >= stamp(when):
		return nil, nil
	case row.Pending != "":
		original.ChatID = row.ChatID
		at, name = pendingKey(original, row.Pending), "message"
	case row.Turn != "":
		at, name = key{row.Thread, row.Turn}, "user_text"
	default:
		return nil, nil
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, ConsistentRead: new(true), Key: at.item()})
	if err != nil {
		return nil, err
	}
	old := text(out.Item[name])
	if old == "" && name == "user_text" {
		return nil, nil // the thread was deleted
	}
	if name == "message" {
		if value, err = withText(old, fresh); err != nil {
			return nil, err
		}
	} else {
		value = clip.Text(replaceLine(old, row.Text, fresh), turn.MaxText) // a turn has many messages
	}
	note := &types.Update{
		TableName: &s.table, Key: receivedKey(original).item(), UpdateExpression: new("SET corrected = :when"),
		ConditionExpression:       new("attribute_not_exists(corrected) OR corrected < :when"),
		ExpressionAttributeValues: item{":when": str(stamp(when))},
	}
	steps := []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: at.item(), UpdateExpression: new("SET #text = :fresh"), ConditionExpression: new("#text = :old"),
		ExpressionAttributeNames:  map[string]string{"#text": name},
		ExpressionAttributeValues: item{":fresh": str(value), ":old": str(old)},
	}}, {Update: note}}
	if name == "user_text" { // a further correction replaces this text
		note.UpdateExpression = new("SET corrected = :when, #text = :fresh")
		note.ConditionExpression = new("(" + *note.ConditionExpression + ") AND #text = :before") // the text that was looked for
		note.ExpressionAttributeNames = map[string]string{"#text": "text"}
		note.ExpressionAttributeValues[":fresh"], note.ExpressionAttributeValues[":before"] = str(fresh), str(row.Text)
		return steps, nil
	}
	return append(steps, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: chatKey(original).item(), ConditionExpression: new("attribute_not_exists(lease) AND attribute_not_exists(run)"),
	}}), nil
}

// replaceLine replaces the first place of a text in another that has whole lines: a turn has the texts of
// its messages one below the other.
func replaceLine(whole, before, after string) string {
	lines := "\n" + whole + "\n"
	at := strings.Index(lines, "\n"+before+"\n")
	if at < 0 {
		return whole
	}
	return whole[:at] + after + whole[at+len(before):]
}

// withText returns a message's JSON with another text.
func withText(message, fresh string) (string, error) {
	var m channel.Inbound
	if message == "" {
		return "", nil // it was taken; the step's condition fails
	}
	if err := json.Unmarshal([]byte(message), &m); err != nil {
		return "", err
	}
	m.Text = fresh
	b, err := json.Marshal(m)
	return string(b), err
}
