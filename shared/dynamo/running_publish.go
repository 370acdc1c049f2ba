package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/turn"
)

// Look returns what an org's running turns are asked for: an eventually consistent read of one small
// row, half a read unit.
func (s *Store) Look(ctx context.Context, orgID string) (turn.Wish, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: watchKey(orgID).item()})
	if err != nil {
		return turn.Wish{}, err
	}
	return turn.Wish{WatchedUntil: moment(out.Item["watched_until"]), CancelledAt: moment(out.Item["cancelled_at"])}, nil
}

// moment reads a time in milliseconds. It returns the zero time for any other value.
func moment(v types.AttributeValue) time.Time {
	if ms := integer(v); ms != 0 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

// Cancelled reports whether a running turn was cancelled.
func (s *Store) Cancelled(ctx context.Context, t turn.Turn) (bool, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: runningKey(t.OrgID, t.ID).item(), ConsistentRead: new(true)})
	if err != nil {
		return false, err
	}
	return cancelledFor(out.Item, t.AgentID), nil
}

// Publish stores the progress of a running turn in one write, and reports whether the turn was
// cancelled.
func (s *Store) Publish(ctx context.Context, p turn.Progress) (cancelled bool, err error) {
	progress, err := progressItem(p.Turn)
	if err != nil {
		return false, err
	}
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: runningKey(p.Turn.OrgID, p.Turn.ID).item(),
		UpdateExpression:         new("SET progress = :progress, #at = :at, #expires = :expires"),
		ExpressionAttributeNames: map[string]string{"#at": "at", "#expires": "expires"},
		ExpressionAttributeValues: item{
			":progress": progress, ":at": str(stamp(p.At)), ":expires": num(p.At.Add(runningLife).Unix()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return false, err
	}
	return cancelledFor(out.Attributes, p.Turn.AgentID), nil
}
