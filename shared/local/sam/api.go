package sam

import (
	"errors"
	"mime"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Route is an Api event: one method of one path of the REST API.
type Route struct {
	Method   string // upper case; ANY for all methods without their own route
	Path     string // as in the template: /things/{id}, /files/{path+}
	Function string
	Stream   bool          // ResponseTransferMode: RESPONSE_STREAM
	Timeout  time.Duration // of the integration, not of the function

	API string // logical id
}

// ImplicitAPI is SAM's logical id for the API of events that name none.
const ImplicitAPI = "ServerlessRestApi"

// API Gateway's limits for the timeout of an integration.
const (
	maxBufferedTime = 29 * time.Second
	MaxStreamedTime = 15 * time.Minute
)

// API is an AWS::Serverless::Api.
type API struct {
	Stage     string                     `yaml:"StageName"`
	Cors      *Cors                      `yaml:"Cors"`
	Responses map[string]GatewayResponse `yaml:"GatewayResponses"`
	Methods   []methodSetting            `yaml:"MethodSettings"`

	// BinaryMediaTypes are the types of bodies that reach functions in base64.
	BinaryMediaTypes []string `yaml:"BinaryMediaTypes"`

	Definition definition `yaml:"DefinitionBody"`
}

// Binary reports whether a body of a Content-Type reaches functions in base64. SAM takes ~1 for
// the slash of a type.
func (a *API) Binary(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return slices.ContainsFunc(a.BinaryMediaTypes, func(binary string) bool {
		binary = strings.ToLower(strings.ReplaceAll(binary, "~1", "/"))
		return binary == "*/*" || binary == mediaType
	})
}

// Cors is an API's Cors setting.
type Cors struct {
	AllowMethods     string `yaml:"AllowMethods"`
	AllowHeaders     string `yaml:"AllowHeaders"`
	AllowOrigin      string `yaml:"AllowOrigin"`
	MaxAge           string `yaml:"MaxAge"`
	AllowCredentials bool   `yaml:"AllowCredentials"`
}

// UnmarshalYAML also accepts SAM's short form, which is only the origin.
func (c *Cors) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.AllowOrigin = n.Value
		return nil
	}
	type plain Cors
	return n.Decode((*plain)(c))
}

func (t *Template) addAPI(resource *resourceNode, globals *yaml.Node) error {
	a := &API{}
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
	for path := range pairs(lookup(lookup(resource.properties, "DefinitionBody"), "paths")) {
		if err := t.places.addPath(path, resource.id+".DefinitionBody.paths"); err != nil {
			return err
		}
	}
	t.apis[resource.id] = a
	return nil
}

func (t *Template) addRoute(e eventNode) error {
	p := struct {
		Path            string `yaml:"Path"`
		Method          string `yaml:"Method"`
		RestAPIID       string `yaml:"RestApiId"`
		TransferMode    string `yaml:"ResponseTransferMode"`
		TimeoutInMillis int    `yaml:"TimeoutInMillis"`
	}{RestAPIID: ImplicitAPI}
	if err := t.resolver.decode(e.properties, e.at, &p); err != nil {
		return err
	}
	path := lookup(e.properties, "Path")
	if path == nil || p.Method == "" {
		return errorAt(e.properties, e.at, "an Api event needs a Path and a Method")
	}
	method := strings.ToUpper(p.Method)
	if method == "*" {
		method = "ANY"
	}
	if err := t.places.addRoute(path, e.at+".Path", method); err != nil {
		return err
	}
	r := Route{
		Method:   method,
		Path:     p.Path,
		Function: e.function.Name,
		Stream:   p.TransferMode == "RESPONSE_STREAM",
		Timeout:  maxBufferedTime,
		API:      p.RestAPIID,
	}
	if r.Stream {
		r.Timeout = MaxStreamedTime
	}
	if p.TimeoutInMillis > 0 {
		r.Timeout = min(r.Timeout, time.Duration(p.TimeoutInMillis)*time.Millisecond)
	}
	t.routes = append(t.routes, r)
	return nil
}
