package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Sweep performs the cleanup that is due: it releases the holds of turns that died and returns
// their number, and wipes deleted threads once no turn can add to them. It may run
// concurrently with itself and with turns.
func (s *Store) Sweep(ctx context.Context, now time.Time) (released int, err error) {
	q := &dynamodb.QueryInput{
		IndexName:                 new("due"),
		KeyConditionExpression:    new("due_pk = :all AND due <= :now"),
		ExpressionAttributeValues: item{":all": str(dueAll), ":now": num(now.UnixMilli())},
	}
	var failures []error
	for page, err := range s.pages(ctx, q) {
		if err != nil {
			return released, errors.Join(append(failures, err)...)
		}
		for _, row := range page {
			n, err := s.sweepRow(ctx, key{text(row["pk"]), text(row["sk"])}, now)
			released += n
			if err != nil {
				failures = append(failures, err) // continue with the others
			}
		}
	}
	return released, errors.Join(failures...)
}

func (s *Store) sweepRow(ctx context.Context, at key, now time.Time) (released int, err error) {
	if at.sk == threadSK {
		return 0, s.wipe(ctx, at)
	}
	return s.sweepAccount(ctx, at, now)
}
