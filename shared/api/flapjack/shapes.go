package flapjack

import (
	"cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
)

type agentShape struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Description  *string `json:"description"` // null when there is none
	DefaultModel string  `json:"default_model"`
	Temperature  float64 `json:"temperature"`
	CreatedAt    string  `json:"created_at"`
}

type threadShape struct {
	ID        string  `json:"id"`
	OrgID     string  `json:"org_id"`
	AgentID   string  `json:"agent_id"`
	Title     *string `json:"title"` // null until the first answer
	CreatedAt string  `json:"created_at"`
}

type messageShape struct {
	ID        string     `json:"id"`
	ThreadID  string     `json:"thread_id"`
	Role      model.Role `json:"role"`
	Content   string     `json:"content"`
	CreatedAt string     `json:"created_at"`
}

func shapeOfAgent(a agent.Agent, defaultModel string) agentShape {
	return agentShape{
		ID: a.ID, Name: a.Name, Description: wire.Nullable(a.Description), DefaultModel: cmp.Or(a.Model, defaultModel),
		Temperature: a.Temperature, CreatedAt: wire.Date(a.CreatedAt),
	}
}

func shapeOfThread(t thread.Thread) threadShape {
	return threadShape{ID: t.ID, OrgID: t.OrgID, AgentID: t.AgentID, Title: wire.Nullable(t.Title), CreatedAt: wire.Date(t.CreatedAt)}
}

func shapeOfMessage(m thread.Message) messageShape {
	return messageShape{ID: m.ID, ThreadID: m.ThreadID, Role: m.Role, Content: m.Content, CreatedAt: wire.Date(m.CreatedAt)}
}
