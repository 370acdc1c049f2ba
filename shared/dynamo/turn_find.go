package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// SettledTurn returns a settled turn by its id, in two reads: the org's ledger is in order of
// settlement, and the id has the time of the turn's start. The first read therefore passes the
// entries that were settled while the turn ran, and is eventually consistent.
func (s *Store) SettledTurn(ctx context.Context, orgID, id string) (turn.Turn, error) {
	started := turn.StartedAt(id)
	q := &dynamodb.QueryInput{
		IndexName:                new("by_org"),
		KeyConditionExpression:   new("by_org_pk = :pk AND by_org_sk BETWEEN :from AND :to"),
		FilterExpression:         new("#id = :id AND attribute_not_exists(kind)"),
		ExpressionAttributeNames: map[string]string{"#id": "id"},
		ExpressionAttributeValues: item{
			":pk": str(ledgerOf(orgID)), ":from": str(stamp(started.Add(-windowKept))), ":to": str(stamp(started.Add(ledger.HoldLife + windowKept))), ":id": str(id),
		},
	}
	found, err := collect(ctx, s, q, 1, func(r ledgerRow) key { return key{r.PK, r.SK} })
	if err != nil {
		return turn.Turn{}, err
	}
	if len(found) == 0 {
		return turn.Turn{}, turn.ErrNoTurn
	}
	var row turnRow
	if err := s.get(ctx, found[0], &row, turn.ErrNoTurn); err != nil {
		return turn.Turn{}, err
	}
	return row.turn(), nil
}
