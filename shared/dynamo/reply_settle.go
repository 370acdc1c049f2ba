package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// SettleStatus applies a status to the part that it names, by our id or by the provider's. A
// state that the part has passed changes nothing.
func (s *Store) SettleStatus(ctx context.Context, of inbox.Ref, status channel.Status) (inbox.Settled, error) {
	ref, ok := inbox.ParsePartRef(status.Ref)
	if !ok {
		var err error
		if ref, ok, err = s.partOf(ctx, of, status); err != nil || !ok {
			return inbox.Settled{}, err
		}
	}
	of.ChatID, of.UpdateID = ref.ChatID, ""
	for range s.tries(ctx) {
		var row replyRow
		err := s.get(ctx, replyKey(of, ref.ReplyID), &row, errAbsent)
		if err == errAbsent || err == nil && ref.Part >= row.Count { //nolint:errorlint // the value itself
			return inbox.Settled{}, nil
		}
		if err != nil {
			return inbox.Settled{}, err
		}
		reply, err := row.reply(of)
		if err != nil {
			return inbox.Settled{}, err
		}
		settled, err := s.settlePart(ctx, reply, ref.Part, status)
		if err != nil || settled.Found {
			return settled, err
		}
	}
	return inbox.Settled{}, contended("The message")
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

// settlePart applies a status to a part of a reply. It does not report the part as found if the
// reply has changed since it was read.
func (s *Store) settlePart(ctx context.Context, r inbox.Reply, part int, status channel.Status) (inbox.Settled, error) {
	p := r.Parts[part]
	if p.Open() || !status.State.After(p.State) {
		return inbox.Settled{Found: true}, nil
	}
	update := "SET parts.#n.#state = :state, parts.#n.#at = :at"
	values := item{":state": str(string(status.State)), ":before": str(string(p.State)), ":at": str(stamp(status.At))}
	names := map[string]string{"#n": partName(part), "#state": "state", "#at": "at"}
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
	change := &types.Update{
		TableName: &s.table, Key: replyKey(r.Ref, r.ID).item(), UpdateExpression: &update,
		ConditionExpression:      new("parts.#n.#state = :before"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}
	if f := status.Failure; f != nil && r.WantsTemplate(f.Kind) {
		return s.settleForTemplate(ctx, r, change)
	}
	return s.settleAlone(ctx, change)
}

// settleAlone applies a status to a part.
func (s *Store) settleAlone(ctx context.Context, change *types.Update) (inbox.Settled, error) {
	_, err := s.db.UpdateItem(ctx, alone(change))
	if _, changed := conditionFailed(err); changed {
		return inbox.Settled{}, nil
	}
	return inbox.Settled{Found: err == nil}, err
}

// settleForTemplate applies the failure of a part, and has a worker add a template to the reply
// unless it has one by now.
func (s *Store) settleForTemplate(ctx context.Context, r inbox.Reply, change *types.Update) (inbox.Settled, error) {
	change.ConditionExpression = new(*change.ConditionExpression + " AND #count = :count")
	change.ExpressionAttributeNames["#count"] = "count"
	change.ExpressionAttributeValues[":count"] = num(len(r.Parts))
	err := s.write(ctx, []types.TransactWriteItem{{Update: change}, {Update: s.addNameToOutbox(r.Ref, inbox.LateTemplate(r.ID))}})
	switch {
	case unmet(err, 0):
		return inbox.Settled{}, nil
	case unmet(err, 1): // the chat was erased, or too much waits in it
		return s.settleAlone(ctx, change)
	}
	return inbox.Settled{Found: err == nil, Chat: &r.Ref}, err
}
