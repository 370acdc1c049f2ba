package tool

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/request"
)

// The rules of a definition's fields, for errors.
var (
	NameRule        = fmt.Sprintf("must be 1 to %d letters, digits, underscores and hyphens", MaxName)
	DescriptionRule = fmt.Sprintf("must be a string of 1 to %d characters", MaxDescription)
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidName reports whether a model can call a tool by this name.
func ValidName(name string) bool { return nameForm.MatchString(name) }

// Compiled is an HTTP tool that is ready to run.
type Compiled struct {
	tool    agent.Tool
	schema  *Schema
	request *request.Template
}

// Compile checks the definition of an HTTP tool. An Invalid error names the field, and the
// line and column of a template's mistake. Whether the host may be called is not checked.
func Compile(t agent.Tool) (*Compiled, error) {
	c := &Compiled{tool: t}
	if !ValidName(t.Name) {
		return nil, fault.Rule("name", NameRule)
	}
	if n := utf8.RuneCountInString(t.Description); n < 1 || n > MaxDescription || strings.TrimSpace(t.Description) == "" {
		return nil, fault.Rule("description", DescriptionRule)
	}
	if t.Timeout != 0 && (t.Timeout < MinTimeout || t.Timeout > MaxTimeout) {
		return nil, fault.Field("timeout_seconds", "timeout_seconds must be from %d to %d", MinTimeout/1e9, MaxTimeout/1e9)
	}
	var err error
	if c.schema, err = CompileSchema("parameters", Parameters(t)); err != nil {
		return nil, err
	}
	c.request, err = request.Compile(request.Definition{
		Method: t.Method, URL: t.URL, Headers: t.Headers, SecretHeaders: slices.Collect(maps.Keys(t.SecretHeaders)), Body: t.Body,
	})
	if err != nil {
		return nil, err
	}
	if t.Body == "" && c.request.NeedsBody() {
		return nil, fault.Field("body", "body is required with this Content-Type: without a body the arguments are sent as JSON")
	}
	return c, nil
}

// Parameters returns the schema of a tool's arguments; one without a schema has none.
func Parameters(t agent.Tool) json.RawMessage {
	if len(t.Parameters) == 0 {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return t.Parameters
}

// Origin returns the scheme and the host of the tool's URL.
func (c *Compiled) Origin() string { return c.request.Origin() }
