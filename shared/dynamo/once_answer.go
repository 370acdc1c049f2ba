package dynamo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

// ifFree is the condition that a key is free. An expired row counts as absent, because the table
// deletes it some time later.
const ifFree = "attribute_not_exists(pk) OR expires <= :now"

// Answered returns the answer to an earlier request with the key, or nil. The error is
// idempotency.ErrMismatch if that request had another body.
func (s *Store) Answered(ctx context.Context, k idempotency.Key) (*idempotency.Answer, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: onceKey(k).item(), ConsistentRead: new(true)})
	if err != nil {
		return nil, err
	}
	it := out.Item
	switch {
	case it == nil || integer(it["expires"]) <= s.now().Unix():
		return nil, nil
	case text(it["body"]) != k.Body:
		return nil, idempotency.ErrMismatch
	}
	return &idempotency.Answer{Status: int(integer(it["status"])), Body: []byte(text(it["answer"]))}, nil
}

// commit runs the steps as one transaction. Unless once is nil, the transaction also stores the
// answer, which once derives from the change's result. If the key has an answer already, nothing
// is written and the error is idempotency.ErrAnswered.
func (s *Store) commit(ctx context.Context, once *idempotency.Change, result any, steps []types.TransactWriteItem) error {
	if once == nil {
		return s.write(ctx, steps)
	}
	answer, err := once.Answer(result)
	if err != nil {
		return err
	}
	at, now := onceKey(once.Key), s.now()
	err = s.write(ctx, append(slices.Clip(steps), types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, ConditionExpression: new(ifFree), ExpressionAttributeValues: item{":now": num(now.Unix())},
		Item: item{
			"pk": str(at.pk), "sk": str(at.sk), "body": str(once.Key.Body), "status": num(answer.Status), "answer": str(string(answer.Body)),
			"expires": num(now.Add(cmp.Or(once.Key.Kept, idempotency.Life)).Unix()),
		},
	}}))
	if unmet(err, len(steps)) {
		return idempotency.ErrAnswered
	}
	return err
}

func expiry(now time.Time) types.AttributeValue { return num(now.Add(idempotency.Life).Unix()) }

// KeepAnswer keeps the answer to a request that changed nothing in the table. Without a key it
// does nothing.
func (s *Store) KeepAnswer(ctx context.Context, once *idempotency.Change, result any) error {
	if once == nil {
		return nil
	}
	return s.commit(ctx, once, result, nil)
}
