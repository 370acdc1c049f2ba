package dynamo

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// pages runs a query of the table and yields its pages. It reads a page only when the loop needs
// it. An error is the last element.
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

// rows yields the rows of pages, each as a row struct.
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

// collect returns up to limit rows of a query, or all if limit is everything.
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

// everything is collect's limit for all rows.
const everything = -1

// list returns up to limit rows of a partition in descending order of the sort key. It returns
// the rows that pass the filter, unless that is empty, and that sort before after, unless that
// is empty.
func list[R, T any](ctx context.Context, s *Store, pk, after, filter string, limit int, of func(R) T) ([]T, error) {
	in := newestFirst(pk, after, limit)
	if filter != "" {
		in.FilterExpression = &filter
	}
	return collect(ctx, s, in, limit, of)
}

// newestFirst is the query of list without a filter.
func newestFirst(pk, after string, limit int) *dynamodb.QueryInput {
	condition, values := "pk = :pk", item{":pk": str(pk)}
	if after != "" {
		condition += " AND sk < :after"
		values[":after"] = str(after)
	}
	return &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression: &condition, ExpressionAttributeValues: values,
	}
}
