package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Entries returns up to limit entries of an org's ledger, newest first: those
// before the given one, or the latest. It may be a moment behind.
func (s *Store) Entries(ctx context.Context, orgID string, before *ledger.Entry, limit int) ([]ledger.Entry, error) {
	until := "~"
	if before != nil {
		until = entryAt(stamp(before.At), before.ID)
	}
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, IndexName: new("by_org"), Limit: new(int32(limit)), ScanIndexForward: new(false), //nolint:gosec // small
		KeyConditionExpression:    new("by_org_pk = :pk AND by_org_sk < :until"),
		ExpressionAttributeValues: item{":pk": str(ledgerOf(orgID)), ":until": str(until)},
	})
	entries := []ledger.Entry{}
	for pages.HasMorePages() && len(entries) < limit {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if entries, err = appendEntries(entries, page.Items); err != nil {
			return nil, err
		}
	}
	return entries[:min(limit, len(entries))], nil
}

// EachEntry calls f with every entry of an org's ledger from a time up to but
// not including another, in order, a page at a time.
func (s *Store) EachEntry(ctx context.Context, orgID string, from, to time.Time, f func(ledger.Entry)) error {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, IndexName: new("by_org"),
		KeyConditionExpression:    new("by_org_pk = :pk AND by_org_sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(ledgerOf(orgID)), ":from": str(stamp(from)), ":to": str(stamp(to))},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		entries, err := appendEntries(nil, page.Items)
		if err != nil {
			return err
		}
		for _, e := range entries {
			f(e)
		}
	}
	return nil
}

func appendEntries(entries []ledger.Entry, items []item) ([]ledger.Entry, error) {
	for _, it := range items {
		var r ledgerRow
		if err := attributevalue.UnmarshalMap(it, &r); err != nil {
			return nil, err
		}
		entries = append(entries, r.entry())
	}
	return entries, nil
}
