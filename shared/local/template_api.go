package local

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Route is an Api event: one method of one path of the REST API.
type Route struct {
	Method   string // upper case; ANY for all that have no route of their own
	Path     string // as in the template: /things/{id}, /files/{path+}
	Function string
	Stream   bool          // ResponseTransferMode: RESPONSE_STREAM
	Timeout  time.Duration // of the integration, not of the function

	api string // logical id
}

// implicitAPI is what SAM calls the API of events that name none.
const implicitAPI = "ServerlessRestApi"

// API Gateway's limits for the time an integration may take.
const (
	maxBufferedTime = 29 * time.Second
	maxStreamedTime = 15 * time.Minute
)

// api is an AWS::Serverless::Api.
type api struct {
	Stage     string                     `yaml:"StageName"`
	Cors      *cors                      `yaml:"Cors"`
	Responses map[string]gatewayResponse `yaml:"GatewayResponses"`
	Methods   []methodSetting            `yaml:"MethodSettings"`

	Definition definition `yaml:"DefinitionBody"`
}

type cors struct {
	AllowMethods     string `yaml:"AllowMethods"`
	AllowHeaders     string `yaml:"AllowHeaders"`
	AllowOrigin      string `yaml:"AllowOrigin"`
	MaxAge           string `yaml:"MaxAge"`
	AllowCredentials bool   `yaml:"AllowCredentials"`
}

// UnmarshalYAML accepts SAM's short form too, the origin alone.
func (c *cors) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.AllowOrigin = n.Value
		return nil
	}
	type plain cors
	return n.Decode((*plain)(c))
}

func (t *Template) addAPI(resource *resourceNode, globals *yaml.Node) error {
	a := &api{}
	if err := t.resolver.decode(globals, "Globals.Api", a); err != nil {
		return err
	}
	if err := t.resolver.decode(resource.properties, resource.id, a); err != nil {
		return err
	}
	for name, response := range a.Responses {
		if err := response.check(); err != nil {
			return errorAt(resource.properties, resource.id+".GatewayResponses."+name, "%v", err)
		}
	}
	t.apis[resource.id] = a
	return nil
}

// api returns the API with a logical id. Only an AWS::Serverless::Api has
// settings; any other kind counts as one without.
func (t *Template) api(id string) *api {
	if a, ok := t.apis[id]; ok {
		return a
	}
	return &api{}
}

func (t *Template) addRoute(e eventNode) error {
	p := struct {
		Path            string `yaml:"Path"`
		Method          string `yaml:"Method"`
		RestAPIID       string `yaml:"RestApiId"`
		TransferMode    string `yaml:"ResponseTransferMode"`
		TimeoutInMillis int    `yaml:"TimeoutInMillis"`
	}{RestAPIID: implicitAPI}
	if err := t.resolver.decode(e.properties, e.at, &p); err != nil {
		return err
	}
	if !strings.HasPrefix(p.Path, "/") || p.Method == "" {
		return errorAt(e.properties, e.at, "an Api event needs a Path that starts with / and a Method")
	}
	method := strings.ToUpper(p.Method)
	if method == "*" {
		method = "ANY"
	}
	r := Route{
		Method:   method,
		Path:     p.Path,
		Function: e.function.Name,
		Stream:   p.TransferMode == "RESPONSE_STREAM",
		Timeout:  maxBufferedTime,
		api:      p.RestAPIID,
	}
	if r.Stream {
		r.Timeout = maxStreamedTime
	}
	if p.TimeoutInMillis > 0 {
		r.Timeout = min(r.Timeout, time.Duration(p.TimeoutInMillis)*time.Millisecond)
	}
	t.routes = append(t.routes, r)
	return nil
}
