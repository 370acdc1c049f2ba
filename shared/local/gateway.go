package local

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Sizes that AWS refuses to exceed.
const (
	maxBody  = 10 << 20 // a request's, at API Gateway
	maxEvent = 6 << 20  // an event or a buffered answer, at Lambda
)

// gateway is the REST API: an http.Handler in front of the functions.
type gateway struct {
	router  *router
	unknown *api // words the answer to a path that belongs to no API
	invoke  func(ctx context.Context, function string, payload []byte) (reply, error)
	log     *logger
	late    sync.WaitGroup // invocations that handlers may leave running
}

func newGateway(t *Template, invoke func(context.Context, string, []byte) (reply, error), log *logger) *gateway {
	g := &gateway{router: newRouter(t), unknown: t.api(implicitAPI), invoke: invoke, log: log}
	for _, route := range t.routes {
		g.unknown = t.api(route.api)
		break
	}
	return g
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: newID(), at: time.Now()}
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

// name tells the client the request's id, as API Gateway does with every answer.
func (c *call) name(h http.Header) { h.Set("X-Amzn-Requestid", c.id) }

// read returns the event for a request.
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
	if len(event) > maxEvent {
		return nil, &problemTooLarge
	}
	return event, nil
}

// functionFailed answers for a function that did not answer itself. Why is no
// business of the client's.
func (g *gateway) functionFailed(w http.ResponseWriter, r *http.Request, c *call, route Route, err error) {
	problem := problemFunction
	if errors.Is(err, errClosed) {
		problem = problemInternal
	}
	g.log.printf("%s %s: %s failed: %v", r.Method, r.URL.Path, route.Function, err)
	c.fail(w, r, c.resource.api, problem)
}
