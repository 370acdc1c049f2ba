package agent

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type (
	// versionShape is a version as Flametalk shows it.
	versionShape struct {
		ID               string       `json:"id"`
		VersionLabel     string       `json:"version_label"`
		DeploymentStatus agent.Status `json:"deployment_status"`
		CreatedAt        string       `json:"created_at"`
	}

	// wholeVersion is a version with all that it fixes.
	wholeVersion struct {
		versionShape
		Instructions string        `json:"instructions"`
		Settings     settingsShape `json:"settings"`
		Tools        []ToolShape   `json:"tools"`
	}

	// ToolShape is a tool without its secrets. A tool of one type has null for the fields of
	// the other.
	ToolShape struct {
		ID             string             `json:"id"`
		Type           agent.ToolType     `json:"type"`
		Name           string             `json:"name"`
		Description    *string            `json:"description"`
		Parameters     json.RawMessage    `json:"parameters"`
		Method         *string            `json:"method"`
		URL            string             `json:"url"`
		Headers        *map[string]string `json:"headers"`
		SecretHeaders  []string           `json:"secret_headers"` // their names
		Body           *string            `json:"body"`
		TimeoutSeconds *float64           `json:"timeout_seconds"`
		Allow          *[]PinShape        `json:"allow"`
		CreatedAt      string             `json:"created_at"`
		UpdatedAt      string             `json:"updated_at"`
	}

	// PinShape is a tool of an MCP server that somebody agreed to.
	PinShape struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	}
)

func versionOf(v agent.Version) versionShape {
	return versionShape{ID: v.ID, VersionLabel: v.Label, DeploymentStatus: v.Status, CreatedAt: wire.Date(v.CreatedAt)}
}

func wholeVersionOf(v agent.Version) wholeVersion {
	return wholeVersion{
		versionShape: versionOf(v), Instructions: v.Instructions, Settings: settingsOf(v.Settings), Tools: wire.List(v.Tools, ShapeOfTool),
	}
}

// ShapeOfTool returns a tool as it is shown.
func ShapeOfTool(t agent.Tool) ToolShape {
	s := ToolShape{
		ID: t.ID, Type: t.Type, Name: t.Name, URL: t.URL, SecretHeaders: slices.Sorted(maps.Keys(t.SecretHeaders)),
		CreatedAt: wire.Date(t.CreatedAt), UpdatedAt: wire.Date(t.UpdatedAt),
	}
	if s.SecretHeaders == nil {
		s.SecretHeaders = []string{}
	}
	if t.Type == agent.MCPTool {
		s.Allow = new(wire.List(t.Allow, func(p agent.Pin) PinShape { return PinShape{Name: p.Name, SHA256: p.SHA256} }))
		return s
	}
	s.Description, s.Parameters, s.Method, s.Body = wire.Nullable(t.Description), t.Parameters, &t.Method, wire.Nullable(t.Body)
	s.Headers = &t.Headers
	if t.Headers == nil {
		s.Headers = &map[string]string{}
	}
	if t.Timeout > 0 {
		s.TimeoutSeconds = new(float64(t.Timeout) / float64(time.Second))
	}
	return s
}
