package flexyagents

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// answerShape is a non-streamed answer of a chat.
type answerShape struct {
	ID        string       `json:"id"`
	AgentID   string       `json:"agent_id"`
	ThreadID  string       `json:"thread_id"`
	Message   messageShape `json:"message"`
	Usage     usageShape   `json:"usage"`
	CreatedAt string       `json:"created_at"`
}

type messageShape struct {
	Role    model.Role `json:"role"`
	Content string     `json:"content"`
}

type usageShape struct {
	InputTokens  int         `json:"input_tokens"`
	OutputTokens int         `json:"output_tokens"`
	Credits      json.Number `json:"credits"`
}

func shapeOfAnswer(t turn.Turn) answerShape {
	return answerShape{
		ID: t.ID, AgentID: t.AgentID, ThreadID: t.ThreadID,
		Message: shapeOfMessage(t), Usage: shapeOfUsage(t), CreatedAt: wire.Date(t.SettledAt),
	}
}

func shapeOfMessage(t turn.Turn) messageShape {
	return messageShape{Role: model.Assistant, Content: t.Assistant}
}

func shapeOfUsage(t turn.Turn) usageShape {
	return usageShape{InputTokens: t.Usage.Input, OutputTokens: t.Usage.Output, Credits: t.Charge.Number()}
}
