package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// OpenTurns returns what an org's open turns hold, by their ids.
func (s *Store) OpenTurns(ctx context.Context, orgID string) (map[string]ledger.Credits, error) {
	account, err := s.Account(ctx, orgID)
	if err != nil {
		return nil, err
	}
	held := make(map[string]ledger.Credits, len(account.Open))
	for name, amount := range account.Open {
		_, id := openTurn(name)
		held[id] = amount
	}
	return held, nil
}

// WatchTurns asks an org's running turns to publish their progress until the given time, and returns
// the time since when they are asked to. It writes once while they are asked already, else twice.
func (s *Store) WatchTurns(ctx context.Context, orgID string, now, until time.Time) (since time.Time, err error) {
	in := dynamodb.UpdateItemInput{
		TableName: &s.table, Key: watchKey(orgID).item(),
		UpdateExpression:          new("SET watched_until = :until, #expires = :expires"),
		ConditionExpression:       new("watched_until > :now"),
		ExpressionAttributeNames:  map[string]string{"#expires": "expires"},
		ExpressionAttributeValues: item{":until": num(until.UnixMilli()), ":now": num(now.UnixMilli()), ":expires": num(until.Add(runningLife).Unix())},
		ReturnValues:              types.ReturnValueAllNew,
	}
	out, err := s.db.UpdateItem(ctx, &in)
	if _, unwatched := conditionFailed(err); unwatched {
		in.UpdateExpression, in.ConditionExpression = new(*in.UpdateExpression+", watched_since = :now"), nil
		out, err = s.db.UpdateItem(ctx, &in)
	}
	if err != nil {
		return time.Time{}, err
	}
	return moment(out.Attributes["watched_since"]), nil
}

// ProgressOf returns the latest progress of turns, by their ids. The read is eventually consistent.
func (s *Store) ProgressOf(ctx context.Context, orgID string, ids []string) (map[string]turn.Progress, error) {
	keys := make([]key, len(ids))
	for i, id := range ids {
		keys[i] = runningKey(orgID, id)
	}
	items, err := s.batch(ctx, keys, eventual)
	if err != nil {
		return nil, err
	}
	latest := map[string]turn.Progress{}
	for _, it := range items {
		var row runningRow
		if err := attributevalue.UnmarshalMap(it, &row); err != nil {
			return nil, err
		}
		if row.Progress != nil {
			latest[row.Progress.ID] = turn.Progress{Turn: row.Progress.turn(), At: unstamp(row.At)}
		}
	}
	return latest, nil
}

var _ turn.MonitorStore = (*Store)(nil)
