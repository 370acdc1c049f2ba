package contract_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
)

// answer is the answer that a client gets, over any transport.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// product has every HTTP function's handler behind the template's routes.
type product struct {
	mux      *http.ServeMux
	handlers map[string]http.Handler
	routes   map[string]sam.Route // by the mux's pattern
}

func newProduct(t *testing.T, deps *boot.Deps) *product {
	t.Helper()
	p := &product{mux: http.NewServeMux(), handlers: map[string]http.Handler{}, routes: map[string]sam.Route{}}
	for _, route := range routes.All {
		deps := deps
		if route.Function == "manage-connection-verify" {
			deps = verified(t, deps)
		}
		if h := route.Handler(deps); h != nil {
			p.handlers[route.Function] = h
		}
	}
	for _, r := range template(t).Routes() {
		pattern := r.Method + " " + r.Path
		p.routes[pattern] = r
		p.mux.Handle(pattern, p.handlers[r.Function])
	}
	return p
}

// transports are the ways by which a request can reach a handler.
var transports = map[string]func(*testing.T, *product, *world, exchange) answer{
	"net/http": overHTTP,
	"buffered": buffered,
	"streamed": streamed,
}

func overHTTP(t *testing.T, p *product, w *world, x exchange) answer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mux.ServeHTTP(w, r.WithContext(wire.WithBaseURL(r.Context(), "https://example.com"))) // as the gateway knows it
	}))
	defer server.Close()
	r := x.request(t, w, server.URL)
	r.Host = "example.com" // like the other transports
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func buffered(t *testing.T, p *product, w *world, x exchange) answer {
	t.Helper()
	e, h := p.event(t, x.request(t, w, "https://example.com"), x.function)
	res, err := boot.Buffered(h)(lambdaContext(t), e)
	if err != nil {
		t.Fatal(err)
	}
	return bufferedAnswer(t, res)
}

func bufferedAnswer(t *testing.T, res events.APIGatewayProxyResponse) answer {
	t.Helper()
	body := res.Body
	if res.IsBase64Encoded {
		plain, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			t.Fatal(err)
		}
		body = string(plain)
	}
	return answer{res.StatusCode, header(res.Headers, res.MultiValueHeaders), body}
}

func streamed(t *testing.T, p *product, w *world, x exchange) answer {
	t.Helper()
	e, h := p.event(t, x.request(t, w, "https://example.com"), x.function)
	res, err := boot.Streamed(h)(lambdaContext(t), e)
	if err != nil {
		t.Fatal(err)
	}
	return streamedAnswer(t, res)
}

func streamedAnswer(t *testing.T, res *events.APIGatewayProxyStreamingResponse) answer {
	t.Helper()
	defer func() { _ = res.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := header(res.Headers, res.MultiValueHeaders)
	for _, cookie := range res.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	return answer{res.StatusCode, h, string(body)}
}

func header(single map[string]string, multi map[string][]string) http.Header {
	h := http.Header{}
	maps.Copy(h, multi)
	for name, value := range single {
		h.Set(name, value)
	}
	return h
}

// lambdaContext returns the context of an invocation, with a deadline.
func lambdaContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), maxBuffered)
	t.Cleanup(cancel)
	return ctx
}

// event returns the event that API Gateway would send for a request, and the handler of the
// function that it would invoke, which must be the given one.
func (p *product) event(t *testing.T, r *http.Request, function string) (events.APIGatewayProxyRequest, http.Handler) {
	t.Helper()
	_, pattern := p.mux.Handler(r)
	route, ok := p.routes[pattern]
	if !ok || route.Function != function {
		t.Fatalf("%s %s: got function %q, want %s", r.Method, r.URL.Path, route.Function, function)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayProxyRequest{
		Resource: route.Path, Path: r.URL.EscapedPath(), HTTPMethod: r.Method,
		MultiValueHeaders: r.Header, MultiValueQueryStringParameters: r.URL.Query(),
		PathParameters: pathParameters(route.Path, r.URL.EscapedPath()), Body: string(body),
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: "request", DomainName: r.URL.Host},
	}
	if !utf8.Valid(body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	// Events are transferred as JSON.
	wire, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var received events.APIGatewayProxyRequest
	if err := json.Unmarshal(wire, &received); err != nil {
		t.Fatal(err)
	}
	return received, p.handlers[function]
}

// pathParameters returns the values of a route's {names}, still escaped.
func pathParameters(route, path string) map[string]string {
	parameters := map[string]string{}
	values := strings.Split(path, "/")
	for i, segment := range strings.Split(route, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			parameters[strings.TrimSuffix(name, "}")] = values[i]
		}
	}
	return parameters
}
