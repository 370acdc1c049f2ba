package tool_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/tool"
)

// A template whose name is no argument is a mistake, unless the schema allows other arguments.
func TestCompiled_CheckNames(t *testing.T) {
	const url = "url must be a template; line 1, column 23: town.name must be one of the properties of parameters"
	for parameters, want := range map[string]string{
		`{"type":"object","properties":{"city":{"type":"string"}}}`:               url,
		`{"type":"object","properties":{"city":{}},"additionalProperties":false}`: url,
		`{"type":"object"}`: url,
		`{"type":"object","properties":{"town":{"type":"object"}}}`:             "",
		`{"type":"object","properties":{},"additionalProperties":{}}`:           "",
		`{"type":"object","properties":{},"additionalProperties":true}`:         "",
		`{"type":"object","anyOf":[{"properties":{"town":{}}}]}`:                "",
		`{"type":"object","patternProperties":{"^t":{}}}`:                       "",
		`{"type":"object","properties":{},"$ref":"#/$defs/a","$defs":{"a":{}}}`: "",
	} {
		c, err := tool.Compile(definition("https://a.example/?in={{town.name}}", func(d *agent.Tool) { d.Parameters, d.Body, d.Headers = []byte(parameters), "", nil }))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := c.CheckNames(); err != nil {
			got = fault.From(err).Message
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", parameters, got, want)
		}
	}
}
