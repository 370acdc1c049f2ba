package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// list returns up to limit rows of a partition that pass a filter, all if that
// is empty, the last sort key first. After a sort key means before it in the partition; empty
// means from the end on.
func list[R, T any](ctx context.Context, s *Store, pk, after, filter string, limit int, of func(R) T) ([]T, error) {
	condition, values := "pk = :pk", item{":pk": str(pk)}
	if after != "" {
		condition += " AND sk < :after"
		values[":after"] = str(after)
	}
	in := &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), ScanIndexForward: new(false), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression: &condition, ExpressionAttributeValues: values,
	}
	if filter != "" {
		in.FilterExpression = &filter
	}
	pages := dynamodb.NewQueryPaginator(s.db, in)
	all := []T{}
	for pages.HasMorePages() && len(all) < limit {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var rows []R
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			all = append(all, of(row))
		}
	}
	return all[:min(limit, len(all))], nil
}
