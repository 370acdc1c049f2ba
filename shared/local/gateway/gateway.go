// Package gateway is an API Gateway REST API in front of functions: a Gateway is
// an HTTP handler with the routes, mocks, throttling and gateway responses of a
// SAM template. A request becomes a proxy event (event.go). The function's answer is
// buffered (buffered.go) or streamed (stream.go). problem.go has the gateway's own
// answers.
//
// It invokes functions through a callback and starts no processes itself.
package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/local/lambda"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// maxBody is the size of the largest request body that API Gateway accepts.
const maxBody = 10 << 20

// Gateway is the REST API: an http.Handler in front of the functions.
type Gateway struct {
	router  *router
	unknown *sam.API // has the gateway responses for a path that belongs to no API
	invoke  func(ctx context.Context, function string, payload []byte) (lambda.Reply, error)
	log     *logs.Logger
	access  func(Access)
	late    sync.WaitGroup // invocations that outlive their handlers
}

// New returns the REST API of a template. invoke runs a function; access is called
// after each answer and must be safe for concurrent use.
func New(t *sam.Template, invoke func(context.Context, string, []byte) (lambda.Reply, error), log *logs.Logger, access func(Access)) *Gateway {
	routes, all := t.Routes(), apis(t.APIs())
	g := &Gateway{router: newRouter(routes, all), unknown: all.of(sam.ImplicitAPI), invoke: invoke, log: log, access: access}
	if len(routes) > 0 {
		g.unknown = all.of(routes[0].API)
	}
	return g
}

// Wait waits for the invocations that outlive their handlers.
func (g *Gateway) Wait() { g.late.Wait() }

// ServeHTTP answers a request with a function, a mock or one of the gateway's own
// responses.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: uuid.NewString(), at: time.Now()}
	seen := &watched{ResponseWriter: w}
	defer g.report(r, c, seen) // also for a stream that ends with a panic
	g.answer(seen, r, c)
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, c *call) {
	c.name(w.Header())
	c.resource, c.params = g.router.match(r.URL.EscapedPath())
	if c.resource == nil {
		c.fail(w, r, g.unknown, problemNoRoute)
		return
	}
	route, mock, ok := c.resource.method(r.Method)
	if !ok {
		c.fail(w, r, c.resource.api, problemNoRoute)
		return
	}
	if !c.resource.buckets[route.Method].take(c.at) {
		c.fail(w, r, c.resource.api, problemThrottled)
		return
	}
	if mock != nil {
		mock.answer(w, r, c)
		return
	}
	c.function = route.Function
	event, problem := c.read(r)
	if problem != nil {
		c.fail(w, r, c.resource.api, *problem)
		return
	}
	if route.Stream {
		g.stream(w, r, c, route, event)
		return
	}
	g.buffer(w, r, c, route, event)
}

// name sets the header with the request's id, which every answer of API Gateway has.
func (c *call) name(h http.Header) { h.Set("X-Amzn-Requestid", c.id) }

// read reads a request and returns its event.
func (c *call) read(r *http.Request) ([]byte, *problem) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, &problemMalformed
	}
	if len(body) > maxBody {
		return nil, &problemTooLarge
	}
	event, err := c.event(r, body)
	if err != nil {
		return nil, &problemInternal
	}
	if len(event) > lambda.MaxEvent {
		return nil, &problemTooLarge
	}
	return event, nil
}

// functionFailed sends the gateway's answer for a failed function. It does not show the
// reason to the client.
func (g *Gateway) functionFailed(w http.ResponseWriter, r *http.Request, c *call, route sam.Route, err error) {
	problem := problemFunction
	if errors.Is(err, lambda.ErrClosed) {
		problem = problemInternal
	}
	g.log.Printf("%s %s: %s failed: %v (request %s)", r.Method, r.URL.Path, route.Function, err, c.id)
	c.fail(w, r, c.resource.api, problem)
}
