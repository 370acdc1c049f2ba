package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// SettleStatus applies a status to the part that it names, by our id or by the provider's. It
// reports false if there is no such part. A state that the part has passed changes nothing.
func (s *Store) SettleStatus(ctx context.Context, of inbox.Ref, status channel.Status) (bool, error) {
	ref, ok := inbox.ParsePartRef(status.Ref)
	if !ok {
		var err error
		if ref, ok, err = s.partOf(ctx, of, status); err != nil || !ok {
			return false, err
		}
	}
	of.ChatID, of.UpdateID = ref.ChatID, ""
	for range s.tries(ctx) {
		var row replyRow
		err := s.get(ctx, replyKey(of, ref.ReplyID), &row, errAbsent)
		if err == errAbsent || err == nil && ref.Part >= row.Count { //nolint:errorlint // the value itself
			return false, nil
		}
		if err != nil {
			return false, err
		}
		done, err := s.settlePart(ctx, of, ref, row.Parts[partName(ref.Part)].part(), status)
		if err != nil || done {
			return err == nil, err
		}
	}
	return false, contended("The message")
}

// partOf returns the part that a status names by the id of a send, or by the provider's id.
func (s *Store) partOf(ctx context.Context, of inbox.Ref, status channel.Status) (inbox.PartRef, bool, error) {
	var names []string
	if status.Ref != "" {
		names = append(names, sendAlias(status.Ref))
	}
	if status.MessageID != "" {
		names = append(names, messageAlias(status.MessageID))
	}
	for _, name := range names {
		out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &s.table, ConsistentRead: new(true), Key: aliasKey(of.OrgID, of.ConnectionID, name).item(),
		})
		if err != nil {
			return inbox.PartRef{}, false, err
		}
		if it := out.Item; it["reply_id"] != nil {
			return inbox.PartRef{ChatID: text(it["chat_id"]), ReplyID: text(it["reply_id"]), Part: int(integer(it["part"]))}, true, nil
		}
	}
	return inbox.PartRef{}, false, nil
}

// settlePart applies a status to a part as it was read. It reports false if the part has
// changed since.
func (s *Store) settlePart(ctx context.Context, of inbox.Ref, ref inbox.PartRef, p inbox.Part, status channel.Status) (bool, error) {
	if p.Open() || !status.State.After(p.State) {
		return true, nil
	}
	update := "SET parts.#n.#state = :state, parts.#n.#at = :at"
	values := item{":state": str(string(status.State)), ":before": str(string(p.State)), ":at": str(stamp(status.At))}
	names := map[string]string{"#n": partName(ref.Part), "#state": "state", "#at": "at"}
	set := func(name, value string) {
		if value != "" {
			update += ", parts.#n." + name + " = :" + name
			values[":"+name] = str(value)
		}
	}
	set("message_id", status.MessageID)
	set("price_type", status.Price.Type)
	set("price_category", status.Price.Category)
	if f := status.Failure; f != nil {
		set("reason", f.Reason())
		update += ", parts.#n.code = :code"
		values[":code"] = num(f.Code)
	} else {
		update += " REMOVE parts.#n.reason, parts.#n.code"
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: replyKey(of, ref.ReplyID).item(), UpdateExpression: &update,
		ConditionExpression:      new("parts.#n.#state = :before"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	if _, changed := conditionFailed(err); changed {
		return false, nil
	}
	return err == nil, err
}
