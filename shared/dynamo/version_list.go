package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Versions returns all versions of an agent, newest first, without their content.
func (s *Store) Versions(ctx context.Context, orgID, agentID string) ([]agent.Version, error) {
	return s.versions(ctx, orgID, agentID, 0, everything)
}

// VersionPage returns up to limit versions of an agent, newest first, without their content:
// those with a number below the given one, or from the newest on if that is 0. The error is
// agent.ErrNotFound for an unknown or deleted agent.
func (s *Store) VersionPage(ctx context.Context, orgID, agentID string, below, limit int) ([]agent.Version, error) {
	if _, err := s.Agent(ctx, orgID, agentID); err != nil {
		return nil, err
	}
	return s.versions(ctx, orgID, agentID, below, limit)
}

// versions returns up to limit versions with a number below the given one; 0 is above all.
func (s *Store) versions(ctx context.Context, orgID, agentID string, below, limit int) ([]agent.Version, error) {
	q := &dynamodb.QueryInput{
		ConsistentRead: new(true), ScanIndexForward: new(false),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :versions)"),
		ExpressionAttributeValues: item{":pk": str(agentPK(orgID, agentID)), ":versions": str(versionPrefix)},
	}
	if below > 0 {
		q.KeyConditionExpression = new("pk = :pk AND sk BETWEEN :versions AND :last")
		q.ExpressionAttributeValues[":last"] = str(versionKey(orgID, agentID, below-1).sk)
	}
	if limit != everything {
		q.Limit = new(int32(limit)) //nolint:gosec // small
	}
	return collect(ctx, s, q, limit, versionRow.version)
}
