package flapjack

import (
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
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
	s := agentShape{ID: a.ID, Name: a.Name, DefaultModel: a.Model, Temperature: a.Temperature, CreatedAt: date(a.CreatedAt)}
	if s.DefaultModel == "" {
		s.DefaultModel = defaultModel
	}
	if a.Description != "" {
		s.Description = &a.Description
	}
	return s
}

func shapeOfThread(t thread.Thread) threadShape {
	s := threadShape{ID: t.ID, OrgID: t.OrgID, AgentID: t.AgentID, CreatedAt: date(t.CreatedAt)}
	if t.Title != "" {
		s.Title = &t.Title
	}
	return s
}

func shapeOfMessage(m thread.Message) messageShape {
	return messageShape{ID: m.ID, ThreadID: m.ThreadID, Role: m.Role, Content: m.Content, CreatedAt: date(m.CreatedAt)}
}

// date is how the surface prints a time: to the second, in UTC.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }
