package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// DeployVersion deploys a version and archives the previously deployed one. Deploying the
// deployed version changes nothing. The error is NotFound for an unknown agent or version.
func (s *Store) DeployVersion(ctx context.Context, once *idempotency.Change, orgID, agentID, versionID string, now time.Time) (agent.Detail, error) {
	var d agent.Detail
	_, err := s.changeAgent(ctx, once, orgID, agentID, func(a agent.Agent) (change, error) {
		versions, err := s.Versions(ctx, orgID, agentID)
		if err != nil {
			return change{}, err
		}
		chosen := slices.IndexFunc(versions, func(v agent.Version) bool { return v.ID == versionID })
		if chosen < 0 {
			return change{}, agent.ErrNoVersion
		}
		var text textRow
		if err := s.get(ctx, textKey(orgID, agentID, versionID), &text, agent.ErrNoVersion); err != nil {
			return change{}, err
		}
		c := change{}
		if a.Deployed == nil || a.Deployed.ID != versionID {
			if c.steps, err = s.deployment(&a, versions, chosen, text, now); err != nil {
				return change{}, err
			}
		}
		d = agent.Detail{Agent: a, Versions: versions, Instructions: text.Instructions}
		c.agent, c.result = a, d
		return c, nil
	})
	return d, err
}

// deployment deploys the chosen version in the agent and versions given, and returns the
// steps that write the change.
func (s *Store) deployment(a *agent.Agent, versions []agent.Version, chosen int, text textRow, now time.Time) ([]types.TransactWriteItem, error) {
	var steps []types.TransactWriteItem
	for i := range versions {
		if v := &versions[i]; a.Deployed != nil && v.ID == a.Deployed.ID {
			v.Status = agent.Archived
			steps = append(steps, s.setStatus(*a, v.Number, v.Status))
		}
	}
	versions[chosen].Status = agent.Deployed
	steps = append(steps, s.setStatus(*a, versions[chosen].Number, agent.Deployed))
	a.Deployed, a.UpdatedAt = &versions[chosen].VersionRef, now
	a.Show(text.settings())
	for _, row := range liveRowsOf(*a, text, false) {
		step, err := s.put(row, ifExists)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
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
