package dynamo

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
)

// toolsRow has all tools of a version as one JSON text, so that their size is known
// before they are written.
type toolsRow struct {
	PK    string `dynamodbav:"pk"`
	SK    string `dynamodbav:"sk"`
	Tools string `dynamodbav:"tools"`
}

// storedTool is a tool in a toolsRow.
type storedTool struct {
	ID            string            `json:"id"`
	Type          agent.ToolType    `json:"type"`
	Name          string            `json:"name"`
	URL           string            `json:"url"`
	Description   string            `json:"description,omitempty"`
	Parameters    json.RawMessage   `json:"parameters,omitempty"`
	Method        string            `json:"method,omitempty"`
	Headers       map[string]string `json:"headers,omitempty"`
	Body          string            `json:"body,omitempty"`
	Milliseconds  int64             `json:"timeout_ms,omitempty"`
	SecretHeaders map[string][]byte `json:"secret_headers,omitempty"` // sealed
	Allow         []storedPin       `json:"allow,omitempty"`
	CreatedAt     string            `json:"created_at"`
	UpdatedAt     string            `json:"updated_at"`
}

type storedPin struct {
	Name   string          `json:"name"`
	SHA256 string          `json:"sha256"`
	Tool   json.RawMessage `json:"tool,omitempty"`
}

// toolsRowOf returns the row of a version's tools. The errors are ErrTooManyTools and
// ErrToolsTooLarge.
func toolsRowOf(a agent.Agent, v agent.Version) (toolsRow, error) {
	if len(v.Tools) > agent.MaxTools {
		return toolsRow{}, agent.ErrTooManyTools
	}
	stored := make([]storedTool, 0, len(v.Tools))
	for _, t := range v.Tools {
		stored = append(stored, storedToolOf(t))
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return toolsRow{}, err
	}
	if len(text) > agent.MaxToolBytes {
		return toolsRow{}, agent.ErrToolsTooLarge
	}
	at := toolsKey(a.OrgID, a.ID, v.ID)
	return toolsRow{PK: at.pk, SK: at.sk, Tools: string(text)}, nil
}

func (r toolsRow) tools() ([]agent.Tool, error) {
	if r.Tools == "" {
		return nil, nil
	}
	var stored []storedTool
	if err := json.Unmarshal([]byte(r.Tools), &stored); err != nil {
		return nil, err
	}
	tools := make([]agent.Tool, 0, len(stored))
	for _, t := range stored {
		tools = append(tools, t.tool())
	}
	return tools, nil
}

func storedToolOf(t agent.Tool) storedTool {
	s := storedTool{
		ID: t.ID, Type: t.Type, Name: t.Name, URL: t.URL, Description: t.Description, Parameters: t.Parameters,
		Method: t.Method, Headers: t.Headers, Body: t.Body, Milliseconds: t.Timeout.Milliseconds(), SecretHeaders: t.SecretHeaders,
		CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt),
	}
	for _, p := range t.Allow {
		s.Allow = append(s.Allow, storedPin(p))
	}
	return s
}

func (s storedTool) tool() agent.Tool {
	t := agent.Tool{
		ID: s.ID, Type: s.Type, Name: s.Name, URL: s.URL, Description: s.Description, Parameters: s.Parameters,
		Method: s.Method, Headers: s.Headers, Body: s.Body, Timeout: time.Duration(s.Milliseconds) * time.Millisecond,
		SecretHeaders: s.SecretHeaders, CreatedAt: unstamp(s.CreatedAt), UpdatedAt: unstamp(s.UpdatedAt),
	}
	for _, p := range s.Allow {
		t.Allow = append(t.Allow, agent.Pin(p))
	}
	return t
}
