package flowgent

import (
	"cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type agentList struct {
	Agents []agentShape `json:"agents"`
}

type agentShape struct {
	AgentID     string       `json:"agent_id"`
	Name        string       `json:"name"`
	Description *string      `json:"description"` // null when there is none
	Model       string       `json:"model"`
	Status      agent.Status `json:"status"` // deployed or draft
	CreatedAt   string       `json:"created_at"`
	UpdatedAt   string       `json:"updated_at"`
}

func shapeOfAgent(a agent.Agent, defaultModel string) agentShape {
	s := agentShape{
		AgentID: a.ID, Name: a.Name, Description: wire.Nullable(a.Description), Model: cmp.Or(a.Model, defaultModel), Status: agent.Draft,
		CreatedAt: wire.Date(a.CreatedAt), UpdatedAt: wire.Date(a.UpdatedAt),
	}
	if a.Deployed != nil {
		s.Status = agent.Deployed
	}
	return s
}
