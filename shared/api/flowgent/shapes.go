package flowgent

import (
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
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
		AgentID: a.ID, Name: a.Name, Model: a.Model, Status: agent.Draft,
		CreatedAt: date(a.CreatedAt), UpdatedAt: date(a.UpdatedAt),
	}
	if a.Description != "" {
		s.Description = &a.Description
	}
	if s.Model == "" {
		s.Model = defaultModel
	}
	if a.Deployed != nil {
		s.Status = agent.Deployed
	}
	return s
}

// date is how the surface prints a time: to the second, in UTC.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
