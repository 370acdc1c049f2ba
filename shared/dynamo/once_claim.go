package dynamo

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Claim claims a key for a turn, or returns the completed turn of the key.
func (s *Store) Claim(ctx context.Context, c turn.Claim) (*turn.Kept, error) {
	at := onceKey(c.Key)
	row := item{
		"pk": str(at.pk), "sk": str(at.sk), "body": str(c.Key.Body), "turn_id": str(c.TurnID), "until": num(c.Until.UnixMilli()),
	}
	if !c.Background { // see endKey
		row["expires"] = num(c.At.Add(cmp.Or(c.Kept, idempotency.Life)).Unix())
	}
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: row,
		// Settlement has removed `until` from a settled turn's record.
		ConditionExpression:                 new(ifFree + " OR #until <= :soon"),
		ExpressionAttributeNames:            map[string]string{"#until": "until"},
		ExpressionAttributeValues:           item{":now": num(c.At.Unix()), ":soon": num(c.At.UnixMilli())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	it, taken := conditionFailed(err)
	if !taken {
		return nil, err
	}
	switch {
	case text(it["body"]) != c.Key.Body:
		return nil, idempotency.ErrMismatch
	case it["until"] == nil:
		return keptOf(it), nil
	case text(it["turn_id"]) == c.TurnID:
		return nil, nil // an SDK attempt whose response was lost
	}
	return nil, idempotency.RunningUntil(time.UnixMilli(integer(it["until"])).Sub(c.At))
}

// Renew extends a claim, and reports whether the turn still has it.
func (s *Store) Renew(ctx context.Context, c turn.Claim) (bool, error) {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: onceKey(c.Key).item(),
		UpdateExpression:          new("SET #until = :until"),
		ConditionExpression:       new(ifClaimed),
		ExpressionAttributeNames:  map[string]string{"#until": "until"},
		ExpressionAttributeValues: item{":turn": str(c.TurnID), ":until": num(c.Until.UnixMilli())},
	})
	if _, lost := conditionFailed(err); lost {
		return false, nil
	}
	return err == nil, err
}

// Unclaim releases the key of a turn that had no effect.
func (s *Store) Unclaim(ctx context.Context, c turn.Claim) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: onceKey(c.Key).item(),
		ConditionExpression:       new(ifClaimed),
		ExpressionAttributeNames:  map[string]string{"#until": "until"},
		ExpressionAttributeValues: item{":turn": str(c.TurnID)},
	})
	if _, ok := conditionFailed(err); ok {
		return nil
	}
	return err
}

const ifClaimed = "turn_id = :turn AND attribute_exists(#until)"

// keep returns the step that records a settled turn under its key.
func (s *Store) keep(c turn.Claim, t turn.Turn, r turn.Record) *types.Update {
	set := "SET thread_id = :thread, place = :place, last_before = :base, available_before = :before, #hold = :hold, steps = :steps"
	values := item{
		":turn": str(c.TurnID), ":thread": str(t.ThreadID), ":place": num(t.Place), ":base": num(r.Base),
		":before": num(r.Before), ":hold": num(r.Hold), ":steps": &types.AttributeValueMemberB{Value: append([]byte{}, r.Steps...)}, // a turn that said nothing has none
	}
	if r.Failure != nil {
		set += ", failure_code = :code, failure_message = :message"
		values[":code"], values[":message"] = str(r.Failure.Code), str(r.Failure.Message)
	}
	return &types.Update{
		TableName: &s.table, Key: onceKey(c.Key).item(),
		UpdateExpression:          new(set + " REMOVE #until"),
		ConditionExpression:       new(ifClaimed),
		ExpressionAttributeNames:  map[string]string{"#until": "until", "#hold": "hold"},
		ExpressionAttributeValues: values,
	}
}

// endKey returns the step that ends the key of work in the background, in the transaction that
// stores the work's outcome. Until then the key does not expire, so that no attempt can run a
// settled turn again. Afterwards it is taken: a worker that froze cannot begin or settle a turn of
// the work. The key expires when such a worker has ended for certain.
func (s *Store) endKey(k idempotency.Key) *types.Update {
	return &types.Update{
		TableName: &s.table, Key: onceKey(k).item(),
		UpdateExpression:          new("SET body = :body, expires = :expires REMOVE #until"),
		ExpressionAttributeNames:  map[string]string{"#until": "until"},
		ExpressionAttributeValues: item{":body": str(k.Body), ":expires": expiry(s.now())},
	}
}

// ifUnsettled is the condition that no turn of a key has settled. The names are those of endKey.
const ifUnsettled = "attribute_not_exists(pk) OR attribute_exists(#until)"

func keptOf(it item) *turn.Kept {
	k := &turn.Kept{
		TurnID: text(it["turn_id"]), ThreadID: text(it["thread_id"]), Place: integer(it["place"]),
		Record: turn.Record{Base: integer(it["last_before"]), Before: credits(it["available_before"]), Hold: credits(it["hold"])},
	}
	if b, ok := it["steps"].(*types.AttributeValueMemberB); ok {
		k.Steps = b.Value
	}
	if code := text(it["failure_code"]); code != "" {
		k.Failure = &turn.Failure{Code: code, Message: text(it["failure_message"])}
	}
	return k
}

// Report stores the available balance that a key's client receives, unless one is stored, and
// returns the stored one.
func (s *Store) Report(ctx context.Context, k idempotency.Key, available ledger.Credits) (ledger.Credits, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: onceKey(k).item(),
		UpdateExpression:          new("SET reported = if_not_exists(reported, :available)"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":available": num(available)},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if _, ok := conditionFailed(err); ok {
		return available, nil
	}
	if err != nil {
		return 0, err
	}
	return credits(out.Attributes["reported"]), nil
}
