package tool

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	shown "github.com/quintet-agents/quintet/shared/api/manage/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/tool"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

type (
	// toolShape is a tool with the version that has it.
	toolShape struct {
		Version shown.VersionShape `json:"version"`
		shown.ToolShape

		// Found is what an MCP server lists now; null for an HTTP tool, and if the server was
		// not asked or did not answer, which Problem then says.
		Found   []foundShape `json:"found"`
		Problem *string      `json:"problem"`
	}
	foundShape struct {
		Name        string          `json:"name"`
		State       pin.State       `json:"state"`
		SHA256      *string         `json:"sha256"`
		Title       *string         `json:"title"`
		Description *string         `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
		Was         json.RawMessage `json:"was"` // null unless it has changed, like now
		Now         json.RawMessage `json:"now"`
		Problem     *string         `json:"problem"`
	}
	// deletedShape has the version that no longer has the tool.
	deletedShape struct {
		Deleted bool               `json:"deleted"`
		Version shown.VersionShape `json:"version"`
	}
	triedShape struct {
		Request    *requestShape `json:"request"` // null if nothing was sent, and for MCP servers
		Status     *int          `json:"status"`  // null if there was no answer, and for MCP servers
		DurationMS int64         `json:"duration_ms"`
		Failed     bool          `json:"failed"`
		Result     string        `json:"result"` // as a model gets it
	}
	requestShape struct {
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
		Body    *string           `json:"body"`
	}
)

// shape returns a tool of a version. A tool that a concurrent request has deleted is empty.
func shape(v agent.Version, toolID string, found []pin.Found, problem string) toolShape {
	s := toolShape{Version: shown.ShapeOfVersion(v), Problem: wire.Nullable(problem)}
	if i, err := index(v, toolID); err == nil {
		s.ToolShape = shown.ShapeOfTool(v.Tools[i])
	}
	if found != nil {
		s.Found = wire.List(found, foundOf)
	}
	return s
}

func foundOf(f pin.Found) foundShape {
	return foundShape{
		Name: f.Name, State: f.State, SHA256: wire.Nullable(f.SHA256), Title: wire.Nullable(f.Title), Description: wire.Nullable(f.Description),
		Parameters: f.Schema, Was: f.Was, Now: f.Now, Problem: wire.Nullable(f.Problem),
	}
}

func triedOf(o tool.Outcome) triedShape {
	s := triedShape{DurationMS: int64(o.Took / time.Millisecond), Failed: o.Failed, Result: o.Text}
	if o.Sent != nil {
		s.Request = &requestShape{Method: o.Sent.Method, URL: o.Sent.URL, Headers: o.Sent.Headers, Body: wire.Nullable(o.Sent.Body)}
	}
	if o.Status > 0 {
		s.Status = &o.Status
	}
	return s
}
