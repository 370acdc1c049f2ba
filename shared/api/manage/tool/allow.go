package tool

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// Servers discovers the tools of MCP servers.
type Servers interface {
	Discover(ctx context.Context, s mcp.Server) ([]pin.Found, error)
}

const maxLabel = 100 // characters of an MCP server's name

// choices reads the tools that somebody agrees to: names, or objects with the name and the
// hash of the definition that they have read. nil: the field is absent.
func (c change) choices() ([]pin.Choice, error) {
	const field, rule = "allow", "must be a list of names, or of objects with name and sha256"
	if c.fields.IsNull(field) {
		return []pin.Choice{}, nil
	}
	if !c.fields.Has(field) {
		return nil, nil
	}
	all := []pin.Choice{}
	if names, err := c.fields.OptionalStrings(field, rule); err == nil {
		for _, name := range names {
			all = append(all, pin.Choice{Name: name})
		}
		return all, nil
	}
	objects, err := c.fields.OptionalObjects(field, rule)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		choice, err := readChoice(o)
		if err != nil {
			return nil, err
		}
		all = append(all, choice)
	}
	return all, nil
}

func readChoice(o body.Object) (pin.Choice, error) {
	o = o.Allow("name", "sha256")
	name, err := o.String("name", "must be the name of a tool")
	if err != nil {
		return pin.Choice{}, err
	}
	hash, err := o.OptionalString("sha256", "must be the sha256 of the tool's definition, as found shows it")
	if err != nil || hash == nil {
		return pin.Choice{Name: name}, err
	}
	return pin.Choice{Name: name, SHA256: *hash}, nil
}

// checkServer checks the definition of an MCP server.
func checkServer(t agent.Tool) error {
	if n := utf8.RuneCountInString(t.Name); n < 1 || n > maxLabel || strings.TrimSpace(t.Name) == "" {
		return fault.Field("name", "name must be a string of 1 to %d characters", maxLabel)
	}
	return checkSecretHeaders(t)
}
