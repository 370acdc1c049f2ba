package local

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// definition is an API's DefinitionBody: methods that are no events of a
// function. Only those with a mock integration have a local counterpart.
type definition struct {
	Paths map[string]map[string]operation `yaml:"paths"` // by path and lower-case method
}

type operation struct {
	mock *mock // nil for any other integration
}

// UnmarshalYAML reads the integration alone.
func (o *operation) UnmarshalYAML(n *yaml.Node) error {
	body := lookup(n, "x-amazon-apigateway-integration")
	kind := lookup(body, "type")
	if kind == nil || !strings.EqualFold(kind.Value, "mock") {
		return nil
	}
	o.mock = &mock{}
	return body.Decode(o.mock)
}

// addMocks gives the API's paths the methods of its DefinitionBody. Those of
// functions win, as they do in SAM's MergeDefinitions.
func addMocks(a *api, resource func(path string, a *api) *resource) {
	for _, path := range slices.Sorted(maps.Keys(a.Definition.Paths)) {
		for method, operation := range a.Definition.Paths[path] {
			if operation.mock != nil {
				res, method := resource(path, a), strings.ToUpper(method)
				res.mocks[method] = operation.mock
				res.buckets[method] = a.bucket(path, method)
			}
		}
	}
}

// mock is a method that API Gateway answers without calling anything.
type mock struct {
	status  int
	headers map[string]string // to expressions
	body    velocity
}

const methodHeader = "method.response.header."

// UnmarshalYAML reads the one response that a mock without conditions has.
func (m *mock) UnmarshalYAML(n *yaml.Node) error {
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
	if m.status, err = strconv.Atoi(response.Status); err != nil {
		return fmt.Errorf("line %d: the status code is %q", n.Line, response.Status)
	}
	m.headers = map[string]string{}
	for name, expression := range response.Parameters {
		header, ok := strings.CutPrefix(name, methodHeader)
		if !ok || checkExpression(header, expression) != nil || strings.HasPrefix(expression, "method.") {
			return fmt.Errorf("line %d: %s: %s cannot be evaluated", n.Line, name, expression)
		}
		m.headers[header] = expression
	}
	if m.body, err = parseVelocity(response.Templates["application/json"]); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// answer writes the mock's response.
func (m *mock) answer(w http.ResponseWriter, r *http.Request, c *call) {
	w.Header().Set("Content-Type", "application/json")
	for name, expression := range m.headers {
		w.Header().Set(name, c.header(r, problem{}, expression))
	}
	body, overrides := m.body.run(func(name string) string { return c.expand(r, problem{}, name) }, r.Header)
	for name, value := range overrides {
		w.Header().Set(name, value)
	}
	w.WriteHeader(m.status)
	_, _ = io.WriteString(w, body)
}
