package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Attempt counts an attempt under its name, unless the limit of the window is reached. Forgive
// can undo the count of one without a weight.
func (s *Store) Attempt(ctx context.Context, a identity.Attempt) (allowed bool, err error) {
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: attemptKey(a),
		UpdateExpression:         new("ADD n :weight SET #expires = :expires"),
		ConditionExpression:      new("attribute_not_exists(n) OR n < :limit"),
		ExpressionAttributeNames: map[string]string{"#expires": "expires"},
		ExpressionAttributeValues: item{
			":weight": num(max(a.Weight, 1)), ":limit": num(a.Limit), ":expires": num(a.Ends.Add(time.Hour).Unix()),
		},
	})
	if _, full := conditionFailed(err); full {
		return false, nil
	}
	return err == nil, err
}

// Forgive removes a successful attempt from the count.
func (s *Store) Forgive(ctx context.Context, a identity.Attempt) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: attemptKey(a),
		UpdateExpression:          new("ADD n :minus"),
		ConditionExpression:       new("n > :zero"),
		ExpressionAttributeValues: item{":minus": num(-1), ":zero": num(0)},
	})
	if _, gone := conditionFailed(err); gone {
		return nil
	}
	return err
}

func attemptKey(a identity.Attempt) item {
	sum := sha256.Sum256([]byte(a.Name))
	return attemptsKey(hex.EncodeToString(sum[:]), a.Ends).item()
}
