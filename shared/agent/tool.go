package agent

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Tool is a function that the model of an agent may call, or an MCP server with several of
// them. Tools belong to a version.
type Tool struct {
	ID   string // UUIDv7; the same in all versions that have the tool
	Type ToolType
	Name string // what the model calls it; of an MCP server its label
	URL  string // of an HTTP tool a Mustache template over its arguments

	// An HTTP tool also has these. Method is GET, POST, PUT, PATCH or DELETE; URL, Headers
	// and Body are templates.
	Description string
	Parameters  json.RawMessage // JSON Schema of the arguments, an object
	Method      string
	Headers     map[string]string
	Body        string        // empty: the arguments as JSON, except for GET and DELETE
	Timeout     time.Duration // 0: the longest

	// SecretHeaders are sealed values by header name. Their plain form is never stored,
	// shown or logged.
	SecretHeaders map[string][]byte

	// Allow lists the tools of an MCP server that somebody agreed to, with the form that
	// they had then.
	Allow []Pin

	CreatedAt time.Time
	UpdatedAt time.Time
}

// The bounds of a version's tools.
const (
	MaxTools     = 64
	MaxToolBytes = 300 << 10 // of all tools together, as stored
)

// The errors of a version with too many or too large tools.
var (
	ErrTooManyTools  = fault.New(fault.Conflict, "An agent can have at most %d tools", MaxTools)
	ErrToolsTooLarge = fault.New(fault.Invalid, "The tools of an agent together can have at most %d KB", MaxToolBytes>>10)
)

// ToolType is the kind of a tool.
type ToolType string

// The types of tools.
const (
	HTTPTool ToolType = "http"
	MCPTool  ToolType = "mcp"
)

// Pin is a tool of an MCP server as it was when somebody agreed to it. A tool that has
// changed since is not used.
type Pin struct {
	Name   string
	SHA256 string          // of the definition's canonical JSON (RFC 8785), in hex
	Tool   json.RawMessage // the definition as the server sent it
}
