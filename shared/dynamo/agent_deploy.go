package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
)

// DeployVersion makes a version the one that chats, and archives the one
// before it. Deploying the deployed version changes nothing. An unknown agent
// or version is NotFound.
func (s *Store) DeployVersion(ctx context.Context, orgID, agentID, versionID string, now time.Time) (agent.Agent, error) {
	return s.changeAgent(ctx, orgID, agentID, func(a agent.Agent) (change, error) {
		version, err := s.version(ctx, a, versionID)
		if err != nil {
			return change{}, err
		}
		if a.Deployed != nil && a.Deployed.ID == versionID {
			return change{agent: a}, nil
		}
		var text textRow
		if err := s.get(ctx, textKey(orgID, agentID, versionID), &text); err != nil {
			return change{}, err
		}
		var steps []types.TransactWriteItem
		if a.Deployed != nil {
			steps = append(steps, s.setStatus(a, a.Deployed.Number, agent.Archived))
		}
		steps = append(steps, s.setStatus(a, version.Number, agent.Deployed))
		a.Deployed, a.UpdatedAt = &version.VersionRef, now
		for _, row := range liveRowsOf(a, text.Instructions, false) {
			step, err := s.put(row, ifExists)
			if err != nil {
				return change{}, err
			}
			steps = append(steps, step)
		}
		return change{agent: a, steps: steps}, nil
	})
}

func (s *Store) version(ctx context.Context, a agent.Agent, versionID string) (agent.Version, error) {
	versions, err := s.Versions(ctx, a.OrgID, a.ID)
	if err != nil {
		return agent.Version{}, err
	}
	for _, v := range versions {
		if v.ID == versionID {
			return v, nil
		}
	}
	return agent.Version{}, fault.New(fault.NotFound, "Version not found")
}

func (s *Store) setStatus(a agent.Agent, number int, status agent.Status) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: versionKey(a.OrgID, a.ID, number).item(),
		UpdateExpression:          new("SET #status = :status"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeNames:  map[string]string{"#status": "status"},
		ExpressionAttributeValues: item{":status": str(string(status))},
	}}
}
