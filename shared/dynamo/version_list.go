package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Versions returns all versions of an agent, newest first, without their
// instructions.
func (s *Store) Versions(ctx context.Context, orgID, agentID string) ([]agent.Version, error) {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), ScanIndexForward: new(false),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :versions)"),
		ExpressionAttributeValues: item{":pk": str(agentPK(orgID, agentID)), ":versions": str(versionPrefix)},
	})
	versions := []agent.Version{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			var r versionRow
			if err := attributevalue.UnmarshalMap(it, &r); err != nil {
				return nil, err
			}
			versions = append(versions, r.version())
		}
	}
	return versions, nil
}
