package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// change is a new state of an agent, and further steps of the same transaction.
type change struct {
	agent  agent.Agent
	steps  []types.TransactWriteItem
	result any // the change's result; nil: the agent
}

// changeAgent reads an agent, calls next for its new state, and writes it if the agent is
// unchanged since the read. Otherwise it retries.
func (s *Store) changeAgent(ctx context.Context, once *idempotency.Change, orgID, agentID string, next func(agent.Agent) (change, error)) (agent.Agent, error) {
	for range s.tries(ctx) {
		before, err := s.Agent(ctx, orgID, agentID)
		if err != nil {
			return agent.Agent{}, err
		}
		after, err := next(before)
		if err != nil {
			return agent.Agent{}, err
		}
		after.agent.Revision = before.Revision + 1
		step, err := s.put(agentRowOf(after.agent), "revision = :before")
		if err != nil {
			return agent.Agent{}, err
		}
		step.Put.ExpressionAttributeValues = item{":before": num(before.Revision)}
		if after.result == nil {
			after.result = after.agent
		}
		err = s.commit(ctx, once, after.result, append([]types.TransactWriteItem{step}, after.steps...))
		if unmet(err, 0) {
			continue
		}
		return after.agent, err
	}
	return agent.Agent{}, contended("The agent")
}
