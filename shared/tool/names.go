package tool

import (
	"encoding/json"
	"strings"

	"github.com/quintet-agents/quintet/shared/agent"
)

// CheckNames returns an Invalid error if a template has a name that is no argument, so that it
// would always be empty. A schema that allows arguments besides its properties allows any name.
func (c *Compiled) CheckNames() error {
	arguments, all := argumentsOf(c.tool)
	if !all {
		return nil
	}
	return c.request.CheckNames(func(name string) string {
		if argument, _, _ := strings.Cut(name, "."); !arguments[argument] {
			return "must be one of the properties of parameters"
		}
		return ""
	})
}

// argumentsOf returns the properties of a tool's schema. all is false if there may be others.
func argumentsOf(t agent.Tool) (arguments map[string]bool, all bool) {
	var schema map[string]json.RawMessage
	if err := json.Unmarshal(Parameters(t), &schema); err != nil {
		return nil, false
	}
	for _, keyword := range []string{"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas", "dependencies", "patternProperties", "unevaluatedProperties"} {
		if _, ok := schema[keyword]; ok {
			return nil, false
		}
	}
	if more, ok := schema["additionalProperties"]; ok && string(more) != "false" {
		return nil, false
	}
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(schema["properties"], &properties); schema["properties"] != nil && err != nil {
		return nil, false
	}
	arguments = map[string]bool{}
	for name := range properties {
		arguments[name] = true
	}
	return arguments, true
}
