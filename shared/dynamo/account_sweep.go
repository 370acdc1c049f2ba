package dynamo

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// sweepAccount releases the holds of an account that are at least HoldLife old, and returns
// their number.
func (s *Store) sweepAccount(ctx context.Context, at key, now time.Time) (released int, err error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: at.item(), ConsistentRead: aws.Bool(true)})
	if err != nil || out.Item == nil {
		return 0, err
	}
	account := accountOf(out.Item)
	var next time.Time                                            // expiry of the earliest remaining hold
	for _, name := range slices.Sorted(maps.Keys(account.Open)) { // oldest first
		amount := account.Open[name]
		kind, id := openTurn(name)
		expiry := turn.StartedAt(id).Add(ledger.HoldLife)
		if expiry.After(now) {
			if next.IsZero() || expiry.Before(next) {
				next = expiry
			}
			continue
		}
		open, err := s.release(ctx, ledger.Hold{
			OrgID: account.OrgID, TurnID: id, Kind: kind, Shard: shardOf(at), Amount: amount, Stale: staleCounters(out.Item, now),
		})
		if err != nil {
			return released, err
		}
		if open {
			released++
		}
	}
	return released, s.lookAgain(ctx, at, next)
}

// lookAgain sets the time at which the account is due next. Without holds it is not due,
// unless a turn was admitted meanwhile: then the old time stays, and the next sweep handles
// the account.
func (s *Store) lookAgain(ctx context.Context, at key, next time.Time) error {
	in := &dynamodb.UpdateItemInput{TableName: &s.table, Key: at.item()}
	if next.IsZero() {
		in.UpdateExpression, in.ConditionExpression = new("REMOVE due_pk, due"), new("size(#open) = :none")
		in.ExpressionAttributeNames = map[string]string{"#open": "open"}
		in.ExpressionAttributeValues = item{":none": num(0)}
	} else {
		in.UpdateExpression, in.ConditionExpression = new("SET due = :next"), new("attribute_exists(due)")
		in.ExpressionAttributeValues = item{":next": num(next.UnixMilli())}
	}
	_, err := s.db.UpdateItem(ctx, in)
	if _, ok := conditionFailed(err); ok {
		return nil
	}
	return err
}
