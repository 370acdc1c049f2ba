package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Orgs returns up to limit orgs after the given one, in order of creation.
func (s *Store) Orgs(ctx context.Context, after string, limit int) ([]identity.Org, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk AND sk > :after"),
		ExpressionAttributeValues: item{":pk": str(orgsPK), ":after": str(orgAfter(after))},
	})
	if err != nil {
		return nil, err
	}
	orgs := make([]identity.Org, 0, len(out.Items))
	for _, it := range out.Items {
		var r orgRow
		if err := attributevalue.UnmarshalMap(it, &r); err != nil {
			return nil, err
		}
		orgs = append(orgs, r.org())
	}
	return orgs, nil
}

// OrgsAfter returns the ids of the orgs that Orgs returns.
func (s *Store) OrgsAfter(ctx context.Context, after string, limit int) ([]string, error) {
	orgs, err := s.Orgs(ctx, after, limit)
	ids := make([]string, len(orgs))
	for i, o := range orgs {
		ids[i] = o.ID
	}
	return ids, err
}

// orgAfter returns id, or a text before all ids if id is empty, because a key must not be
// empty.
func orgAfter(id string) string {
	if id == "" {
		return "!"
	}
	return id
}
