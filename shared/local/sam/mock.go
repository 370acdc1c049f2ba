package sam

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/quintet-agents/quintet/shared/local/velocity"
)

// definition is an API's DefinitionBody: its methods without a function. Only methods with
// a mock integration have a local counterpart.
type definition struct {
	Paths map[string]map[string]operation `yaml:"paths"` // by path and lower-case method
}

type operation struct {
	Mock *Mock // nil for any other integration
}

// UnmarshalYAML reads only the integration.
func (o *operation) UnmarshalYAML(n *yaml.Node) error {
	body := lookup(n, "x-amazon-apigateway-integration")
	kind := lookup(body, "type")
	if kind == nil || !strings.EqualFold(kind.Value, "mock") {
		return nil
	}
	o.Mock = &Mock{}
	return body.Decode(o.Mock)
}

// Mock is a method that API Gateway answers itself.
type Mock struct {
	Status  int
	Headers map[string]string // to expressions
	Body    velocity.Template
}

const methodHeader = "method.response.header."

// UnmarshalYAML reads the single response of a mock without conditions.
func (m *Mock) UnmarshalYAML(n *yaml.Node) error {
	var i struct {
		Responses map[string]struct {
			Status     string            `yaml:"statusCode"`
			Parameters map[string]string `yaml:"responseParameters"` // by method.response.header.NAME
			Templates  map[string]string `yaml:"responseTemplates"`
		} `yaml:"responses"`
	}
	if err := n.Decode(&i); err != nil {
		return err
	}
	response, ok := i.Responses["default"]
	if !ok || len(i.Responses) != 1 {
		return fmt.Errorf("line %d: a mock integration needs the response default, and no other", n.Line)
	}
	var err error
	if m.Status, err = strconv.Atoi(response.Status); err != nil {
		return fmt.Errorf("line %d: the status code is %q", n.Line, response.Status)
	}
	m.Headers = map[string]string{}
	for name, expression := range response.Parameters {
		header, ok := strings.CutPrefix(name, methodHeader)
		if !ok || checkExpression(header, expression) != nil || strings.HasPrefix(expression, "method.") {
			return fmt.Errorf("line %d: %s: %s cannot be evaluated", n.Line, name, expression)
		}
		m.Headers[header] = expression
	}
	if m.Body, err = velocity.Parse(response.Templates["application/json"]); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}
