package tool

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/request"
	"github.com/quintet-agents/quintet/shared/tool"
)

// path returns the agent and the tool that the path names. What can be no tool is none.
func path(r *http.Request) (ofAgent, id string, err error) {
	if ofAgent, err = param.PathAgent(r, "id"); err != nil {
		return "", "", err
	}
	if id = param.PathID(r, "tool_id"); !param.IsID(id) {
		return "", "", tool.ErrNotFound
	}
	return ofAgent, id, nil
}

// index returns the position of a tool in a version.
func index(v agent.Version, toolID string) (int, error) {
	if i := slices.IndexFunc(v.Tools, func(t agent.Tool) bool { return t.ID == toolID }); i >= 0 {
		return i, nil
	}
	return 0, tool.ErrNotFound
}

// The fields of a tool of each type.
var fieldsOf = map[agent.ToolType][]string{
	agent.HTTPTool: {"name", "description", "parameters", "method", "url", "headers", "secret_headers", "body", "timeout_seconds"},
	agent.MCPTool:  {"name", "url", "secret_headers", "allow"},
}

// change is what a body changes of a tool. nil and absent: nothing.
type change struct {
	fields  body.Object
	secrets map[string]*string // plain values by header; nil: the header is removed
}

// readNew reads a new tool.
func readNew(fields body.Object) (agent.Tool, change, error) {
	kind, err := fields.OneOf("type", string(agent.HTTPTool), string(agent.MCPTool))
	if err != nil {
		return agent.Tool{}, change{}, err
	}
	t := agent.Tool{Type: agent.ToolType(kind)}
	fields = fields.Allow(append([]string{"type"}, fieldsOf[t.Type]...)...)
	for _, required := range []string{"name", "url"} {
		if !fields.Has(required) {
			return t, change{}, fields.Missing(required, "must be a string")
		}
	}
	if t.Type == agent.HTTPTool {
		if !fields.Has("description") {
			return t, change{}, fields.Missing("description", tool.DescriptionRule)
		}
		t.Method = http.MethodPost
	}
	c, err := readChange(fields)
	return t, c, err
}

// readPatch reads a change of a tool. Its type cannot change.
func readPatch(fields body.Object, kind agent.ToolType) (change, error) {
	if fields.Has("type") {
		return change{}, fault.Field("type", "type must be left out: a tool of another type is another tool")
	}
	fields = fields.Allow(fieldsOf[kind]...)
	if !slices.ContainsFunc(fieldsOf[kind], fields.Has) && !slices.ContainsFunc(fieldsOf[kind], fields.IsNull) {
		return change{}, fields.NoChange()
	}
	return readChange(fields)
}

func readChange(fields body.Object) (change, error) {
	c := change{fields: fields}
	values, err := readHeaders(fields, "secret_headers", request.SecretRule)
	if err != nil {
		return c, err
	}
	for name, value := range values {
		if value != nil && !request.ValidSecret(*value) {
			return c, fault.Rule("secret_headers."+name, request.SecretRule)
		}
	}
	c.secrets = values
	return c, nil
}

// readHeaders reads an optional object of headers; nil for a null value. A nil map means that
// the field is absent.
func readHeaders(fields body.Object, field, rule string) (map[string]*string, error) {
	child, ok, err := fields.OptionalChild(field)
	if err != nil || !ok {
		return nil, err
	}
	values := map[string]*string{}
	for _, name := range child.Fields() {
		value, err := child.OptionalString(name, rule)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// apply changes a tool by all fields but the secrets and allow. A null gives a field its
// default again.
func (c change) apply(t *agent.Tool) error {
	text := func(field, rule string, to *string) error {
		value, err := c.fields.OptionalString(field, rule)
		switch {
		case err != nil:
			return err
		case value != nil:
			*to = *value
		case c.fields.IsNull(field):
			*to = ""
		}
		return nil
	}
	if err := text("name", tool.NameRule, &t.Name); err != nil {
		return err
	}
	if err := text("url", delivery.URLRule, &t.URL); err != nil {
		return err
	}
	if t.Type != agent.HTTPTool {
		return nil
	}
	if err := text("description", tool.DescriptionRule, &t.Description); err != nil {
		return err
	}
	if err := text("body", "must be a string", &t.Body); err != nil {
		return err
	}
	method, err := c.fields.OptionalOneOf("method", request.Methods()...)
	if err != nil {
		return err
	}
	if method != "" {
		t.Method = method
	} else if c.fields.IsNull("method") {
		t.Method = http.MethodPost
	}
	seconds, err := c.fields.OptionalInt("timeout_seconds", int(tool.MinTimeout/time.Second), int(tool.MaxTimeout/time.Second))
	if err != nil {
		return err
	}
	if seconds != nil {
		t.Timeout = time.Duration(*seconds) * time.Second
	} else if c.fields.IsNull("timeout_seconds") {
		t.Timeout = 0
	}
	return c.applyRest(t)
}

func (c change) applyRest(t *agent.Tool) error {
	raw, err := c.fields.OptionalObject("parameters", tool.MaxSchema)
	if err != nil {
		return err
	}
	if raw != nil {
		t.Parameters = raw
	} else if c.fields.IsNull("parameters") {
		t.Parameters = nil
	}
	headers, err := readHeaders(c.fields, "headers", request.HeaderRule)
	if err != nil {
		return err
	}
	if headers != nil || c.fields.IsNull("headers") {
		t.Headers = map[string]string{}
		for name, value := range headers {
			if value != nil {
				t.Headers[name] = *value
			}
		}
	}
	return nil
}

// seal seals the new values of secret headers.
func (c change) seal(ctx context.Context, s agent.Sealer, orgID, agentID string) (map[string][]byte, error) {
	sealed := map[string][]byte{}
	for name, value := range c.secrets {
		if value == nil {
			sealed[name] = nil
			continue
		}
		bytes, err := s.SealAgentSecret(ctx, orgID, agentID, agent.HeaderSecret, *value)
		if err != nil {
			return nil, err
		}
		sealed[name] = bytes
	}
	return sealed, nil
}

// merge changes the secret headers of a tool: null removes one, those that are not named stay.
func (c change) merge(t *agent.Tool, sealed map[string][]byte) {
	kept := map[string][]byte{}
	if !c.fields.IsNull("secret_headers") {
		maps.Copy(kept, t.SecretHeaders)
	}
	for name, value := range sealed {
		for old := range kept {
			if strings.EqualFold(old, name) {
				delete(kept, old)
			}
		}
		if value != nil {
			kept[name] = value
		}
	}
	t.SecretHeaders = kept
}
