package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Entries returns up to limit entries of an org's ledger, newest first: those before the given
// one, or the latest. The read is eventually consistent.
func (s *Store) Entries(ctx context.Context, orgID string, before *ledger.Entry, limit int) ([]ledger.Entry, error) {
	until := "~"
	if before != nil {
		until = entryAt(stamp(before.At), before.ID)
	}
	q := &dynamodb.QueryInput{
		IndexName: new("by_org"), Limit: new(int32(limit)), ScanIndexForward: new(false), //nolint:gosec // small
		KeyConditionExpression:    new("by_org_pk = :pk AND by_org_sk < :until"),
		ExpressionAttributeValues: item{":pk": str(ledgerOf(orgID)), ":until": str(until)},
	}
	return collect(ctx, s, q, limit, ledgerRow.entry)
}

// EachEntry calls f with every entry of an org's ledger in a half-open time range, in order.
func (s *Store) EachEntry(ctx context.Context, orgID string, from, to time.Time, f func(ledger.Entry)) error {
	q := &dynamodb.QueryInput{
		IndexName:                 new("by_org"),
		KeyConditionExpression:    new("by_org_pk = :pk AND by_org_sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(ledgerOf(orgID)), ":from": str(stamp(from)), ":to": str(stamp(to))},
	}
	for row, err := range rows[ledgerRow](ctx, s, q) {
		if err != nil {
			return err
		}
		f(row.entry())
	}
	return nil
}
