package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Versions returns all versions of an agent, newest first, without their
// instructions.
func (s *Store) Versions(ctx context.Context, orgID, agentID string) ([]agent.Version, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :versions)"),
		ExpressionAttributeValues: item{":pk": str(agentPK(orgID, agentID)), ":versions": str(versionPrefix)},
	}
	return collect(ctx, s, q, everything, versionRow.version)
}
