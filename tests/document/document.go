// Package document checks requests and their answers against the API's OpenAPI document, for other tests.
package document

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/openapi"
)

// Document is the API's document, ready to check.
type Document struct {
	spec  *openapi3.T
	paths []string // the path templates, more specific ones first
}

// Load reads the document that the product serves, once.
func Load() (*Document, error) { return load() }

var load = sync.OnceValues(func() (*Document, error) { return Parse(openapi.Document) })

// Parse reads a document. An answer must have no field that its schema does not have: for clients the schemas
// are open, so that fields can be added; for tests they are closed.
func Parse(text []byte) (*Document, error) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewCallbackValidator(uuid.Validate))
	openapi3filter.RegisterBodyDecoder("text/xml", readText)
	closed, err := closeAnswers(text)
	if err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(closed)
	if err != nil {
		return nil, err
	}
	if err := spec.Validate(context.Background()); err != nil {
		return nil, err
	}
	// A parameter's brace sorts after any other first character of a segment.
	return &Document{spec: spec, paths: slices.Sorted(maps.Keys(spec.Paths.Map()))}, nil
}

// readText reads a body that the document describes as a text.
func readText(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	text, err := io.ReadAll(body)
	return string(text), err
}

// Operation is one method of one path.
type Operation struct {
	Method, Path string
	ID           string
}

// Operations lists the operations of the document.
func (d *Document) Operations() []Operation {
	var all []Operation
	for path, item := range d.spec.Paths.Map() {
		for method, o := range item.Operations() {
			all = append(all, Operation{Method: method, Path: path, ID: o.OperationID})
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return all
}

// Exchange is a request and its whole answer.
type Exchange struct {
	Request *http.Request // its body is not read
	Sent    []byte        // the request's body
	Status  int
	Header  http.Header
	Body    []byte
}

// Check returns an error that names the difference between an exchange and the document. A refused request may
// be invalid, so it is not checked.
func (d *Document) Check(x Exchange) error {
	if x.Request.Method == http.MethodOptions {
		return nil // API Gateway answers preflights
	}
	route := d.route(x.Request)
	if route == nil {
		return checkUnknown(x)
	}
	in, name := input(x, route), route.Method+" "+route.Path
	if x.Status < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			return fmt.Errorf("%s: an invalid request was accepted: %w", name, err)
		}
	}
	if err := checkAnswer(x, in); err != nil {
		return fmt.Errorf("%s: invalid answer %d: %w", name, x.Status, err)
	}
	return nil
}

// route finds the operation of a request as API Gateway does; nil if there is none.
func (d *Document) route(r *http.Request) *routers.Route {
	for _, path := range d.paths {
		if !matches(path, r.URL.EscapedPath()) {
			continue
		}
		item := d.spec.Paths.Value(path)
		if o := item.GetOperation(r.Method); o != nil {
			return &routers.Route{Spec: d.spec, Path: path, PathItem: item, Method: r.Method, Operation: o}
		}
		return nil
	}
	return nil
}

func matches(template, path string) bool {
	names, values := strings.Split(template, "/"), strings.Split(path, "/")
	for i, name := range names {
		if len(values) != len(names) || name != values[i] && !strings.HasPrefix(name, "{") {
			return false
		}
	}
	return true
}

func input(x Exchange, route *routers.Route) *openapi3filter.RequestValidationInput {
	r := x.Request.Clone(context.Background())
	r.Body = io.NopCloser(strings.NewReader(string(x.Sent)))
	if len(x.Sent) > 0 && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json") // the type is not compared
	}
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: pathParameters(route.Path, r.URL.EscapedPath()), Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true,
			// The answer decides about the key.
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
}

func pathParameters(template, path string) map[string]string {
	parameters, values := map[string]string{}, strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			value, err := url.PathUnescape(values[i])
			if err != nil {
				value = values[i]
			}
			parameters[strings.TrimSuffix(name, "}")] = value
		}
	}
	return parameters
}

func checkAnswer(x Exchange, in *openapi3filter.RequestValidationInput) error {
	answer := in.Route.Operation.Responses.Status(x.Status)
	if answer == nil {
		return errors.New("status is not in the document")
	}
	if err := checkHeaders(answer.Value, x.Header); err != nil {
		return err
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: x.Status, Header: x.Header, Options: in.Options}
	kind, _, _ := strings.Cut(x.Header.Get("Content-Type"), ";")
	if split, ok := streams[kind]; ok {
		options := *in.Options
		options.ExcludeResponseBody = true
		out.Options = &options
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			return err
		}
		media := answer.Value.Content.Get(kind)
		if media == nil {
			return fmt.Errorf("content type %s is not in the document", kind)
		}
		return checkStream(media.Schema.Value, split, x.Body)
	}
	switch {
	case len(answer.Value.Content) == 0 && len(x.Body) > 0:
		return fmt.Errorf("got body %q, want none by the document", x.Body)
	case len(answer.Value.Content) > 0 && kind == "application/json" && !json.Valid(x.Body): // kin-openapi reads only the first of two values
		return fmt.Errorf("body is not JSON: %q", x.Body)
	}
	out.SetBodyBytes(x.Body)
	return openapi3filter.ValidateResponse(context.Background(), out)
}

// ofTransport are the headers of HTTP and Lambda.
var ofTransport = []string{"Content-Type", "Content-Length", "Date", "Connection", "Transfer-Encoding"}

// checkHeaders reports headers that the document does not have.
func checkHeaders(answer *openapi3.Response, got http.Header) error {
	known := map[string]bool{}
	for _, name := range ofTransport {
		known[name] = true
	}
	for name := range answer.Headers {
		known[http.CanonicalHeaderKey(name)] = true
	}
	for name := range got {
		if !known[name] && !strings.HasPrefix(name, "X-Amzn-") {
			return fmt.Errorf("header %s is not in the document", name)
		}
	}
	return nil
}

// checkUnknown checks the answer to a request that matches no route.
func checkUnknown(x Exchange) error {
	var body map[string]any
	err := json.Unmarshal(x.Body, &body)
	if err != nil || x.Status != http.StatusNotFound || len(body) != 1 || body["error"] != "not_found" {
		return fmt.Errorf("%s %s is not in the document: got %d %s, want a 404", x.Request.Method, x.Request.URL.Path, x.Status, x.Body)
	}
	return nil
}
