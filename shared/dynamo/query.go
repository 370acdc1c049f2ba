package dynamo

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// pages runs a query of the table and yields its pages. A page is read when the loop
// asks for it, so a loop that ends early reads no further. An error is the last.
func (s *Store) pages(ctx context.Context, q *dynamodb.QueryInput) iter.Seq2[[]item, error] {
	return func(yield func([]item, error) bool) {
		q.TableName = &s.table
		for p := dynamodb.NewQueryPaginator(s.db, q); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page.Items, nil) {
				return
			}
		}
	}
}

// rows is pages with each item read into a row struct.
func rows[R any](ctx context.Context, s *Store, q *dynamodb.QueryInput) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for page, err := range s.pages(ctx, q) {
			var some []R
			if err == nil {
				err = attributevalue.UnmarshalListOfMaps(page, &some)
			}
			if err != nil {
				var none R
				yield(none, err)
				return
			}
			for _, row := range some {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// collect returns the first rows of a query, up to limit; all if limit is everything.
func collect[R, T any](ctx context.Context, s *Store, q *dynamodb.QueryInput, limit int, of func(R) T) ([]T, error) {
	all := []T{}
	for row, err := range rows[R](ctx, s, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, of(row))
		if len(all) == limit {
			break
		}
	}
	return all, nil
}

// everything has collect return all rows.
const everything = -1

// list returns up to limit rows of a partition that pass a filter, all if that is
// empty, the last sort key first. After a sort key means before it in the partition;
// empty means from the end on.
func list[R, T any](ctx context.Context, s *Store, pk, after, filter string, limit int, of func(R) T) ([]T, error) {
	condition, values := "pk = :pk", item{":pk": str(pk)}
	if after != "" {
		condition += " AND sk < :after"
		values[":after"] = str(after)
	}
	in := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression: &condition, ExpressionAttributeValues: values,
	}
	if filter != "" {
		in.FilterExpression = &filter
	}
	return collect(ctx, s, in, limit, of)
}
