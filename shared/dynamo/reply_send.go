package dynamo

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// partName is the name of a part in its reply's row.
func partName(n int) string { return "p" + strconv.Itoa(n) }

// Reply returns a reply of a chat, or nil.
func (s *Store) Reply(ctx context.Context, c inbox.Chat, id string) (*inbox.Reply, error) {
	var row replyRow
	err := s.get(ctx, replyKey(c.Ref, id), &row, errAbsent)
	if err == errAbsent { //nolint:errorlint // the value itself
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := row.reply(c.Ref)
	return &r, err
}

// LatestReplies returns the latest replies of a chat, the newest first.
func (s *Store) LatestReplies(ctx context.Context, c inbox.Chat, limit int) ([]inbox.Reply, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :replies)"),
		ExpressionAttributeValues: item{":pk": str(chatKey(c.Ref).pk), ":replies": str(replySK)},
	}
	all := []inbox.Reply{}
	for row, err := range rows[replyRow](ctx, s, q) {
		if err != nil {
			return nil, err
		}
		r, err := row.reply(c.Ref)
		if err != nil {
			return nil, err
		}
		if all = append(all, r); len(all) == limit {
			break
		}
	}
	return all, nil
}

// BeginPart records that a part leaves now. It reports false if it has left before.
func (s *Store) BeginPart(ctx context.Context, r inbox.Reply, part int, attempt string, at time.Time) (bool, error) {
	return s.changePart(ctx, r, part,
		"SET parts.#n.#state = :sending, parts.#n.attempt = :attempt, parts.#n.#at = :at",
		"attribute_not_exists(parts.#n.#state) OR parts.#n.attempt = :attempt",
		item{":sending": str(string(channel.Sending)), ":attempt": str(attempt), ":at": str(stamp(at))})
}

// TakeBackPart makes a part open again that certainly was not sent. It reports false, and leaves
// the part as it is, if a status or another attempt was faster.
func (s *Store) TakeBackPart(ctx context.Context, r inbox.Reply, part int, attempt string) (bool, error) {
	return s.changePart(ctx, r, part,
		"REMOVE parts.#n.#state, parts.#n.attempt, parts.#n.#at", "parts.#n.attempt = :attempt AND parts.#n.#state = :sending",
		item{":attempt": str(attempt), ":sending": str(string(channel.Sending))})
}

// changePart updates one part of a reply, and reports whether the condition was met.
func (s *Store) changePart(ctx context.Context, r inbox.Reply, part int, update, condition string, values item) (bool, error) {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: replyKey(r.Ref, r.ID).item(), UpdateExpression: &update, ConditionExpression: &condition,
		ExpressionAttributeNames:  map[string]string{"#n": partName(part), "#state": "state", "#at": "at"},
		ExpressionAttributeValues: values,
	})
	if _, unmet := conditionFailed(err); unmet {
		return false, nil
	}
	return err == nil, err
}

// ifOurs returns the condition that a part is still as the given outcome's worker left it.
// An outcome without an attempt is that of a part that has not left. A worker that froze must
// not change the part of a later attempt, but it may know better than the one that gave its
// own attempt up.
func ifOurs(p inbox.Part) (string, item) {
	if p.Attempt == "" {
		return "attribute_not_exists(parts.#n.#state)", item{}
	}
	condition := "parts.#n.attempt = :attempt AND parts.#n.#state = :sending"
	values := item{":attempt": str(p.Attempt), ":sending": str(string(channel.Sending))}
	if p.State == channel.Sent || p.State == channel.Failed {
		condition = "parts.#n.attempt = :attempt AND parts.#n.#state IN (:sending, :lost)"
		values[":lost"] = str(string(channel.Lost))
	}
	return condition, values
}

// FinishPart records the outcome of a part's attempt. It reports false, and leaves the part as it
// is, if a status or another attempt was faster. A part that the provider accepted is found by the
// provider's id from now on.
func (s *Store) FinishPart(ctx context.Context, r inbox.Reply, part int, p inbox.Part) (bool, error) {
	p.Text = ""
	row, err := attributevalue.MarshalMap(replyPartRowOf(p))
	if err != nil {
		return false, err
	}
	condition, values := ifOurs(p)
	values[":part"] = &types.AttributeValueMemberM{Value: row}
	change := &types.Update{
		TableName: &s.table, Key: replyKey(r.Ref, r.ID).item(),
		UpdateExpression: new("SET parts.#n = :part"), ConditionExpression: &condition,
		ExpressionAttributeNames:  map[string]string{"#n": partName(part), "#state": "state"},
		ExpressionAttributeValues: values,
	}
	if p.MessageID == "" {
		_, err = s.db.UpdateItem(ctx, alone(change))
		if _, settled := conditionFailed(err); settled {
			return false, nil
		}
		return err == nil, err
	}
	name := s.nameMessage(r.Ref, p.MessageID, &inbox.PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: part})
	err = s.write(ctx, []types.TransactWriteItem{{Update: change}, {Put: name}})
	if unmet(err, 0) {
		_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: name.TableName, Item: name.Item})
		return false, err
	}
	return err == nil, err
}

// ReplaceParts replaces all parts of a reply. It returns an error if the first one has left.
func (s *Store) ReplaceParts(ctx context.Context, r inbox.Reply, parts []inbox.Part) error {
	rows, err := attributevalue.MarshalMap(partsOf(parts))
	if err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: replyKey(r.Ref, r.ID).item(),
		UpdateExpression:          new("SET parts = :parts, #count = :count"),
		ConditionExpression:       new("attribute_exists(pk) AND attribute_not_exists(parts.#first.#state)"),
		ExpressionAttributeNames:  map[string]string{"#count": "count", "#first": partName(0), "#state": "state"},
		ExpressionAttributeValues: item{":parts": &types.AttributeValueMemberM{Value: rows}, ":count": num(len(parts))},
	})
	return err
}

// AddPart adds a part to the end of a reply. It returns an error if the reply has another number
// of parts by now.
func (s *Store) AddPart(ctx context.Context, r inbox.Reply, p inbox.Part) error {
	row, err := attributevalue.MarshalMap(replyPartRowOf(p))
	if err != nil {
		return err
	}
	n := len(r.Parts)
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: replyKey(r.Ref, r.ID).item(),
		UpdateExpression:          new("SET parts.#n = :part, #count = :after"),
		ConditionExpression:       new("#count = :before"),
		ExpressionAttributeNames:  map[string]string{"#n": partName(n), "#count": "count"},
		ExpressionAttributeValues: item{":part": &types.AttributeValueMemberM{Value: row}, ":before": num(n), ":after": num(n + 1)},
	})
	return err
}

// CompleteReply takes a name out of the chat's outbox: that of a reply, or of
// inbox.LateTemplate.
func (s *Store) CompleteReply(ctx context.Context, c inbox.Chat, name string) error {
	_, err := s.changeChat(ctx, c.Ref, "REMOVE tries, not_before DELETE outbox :reply", ifLeased,
		item{":lease": str(c.Lease), ":reply": &types.AttributeValueMemberSS{Value: []string{name}}})
	return err
}
