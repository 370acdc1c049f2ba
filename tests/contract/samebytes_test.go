package contract_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/routes"
)

// A handler's answer has the same bytes through net/http, a buffered Lambda event and a streamed
// one, and conforms to the document. The answers of requests that write are compared with their
// ids and times replaced.
func TestTransports_SameBytes(t *testing.T) {
	t.Parallel() // like other tests that mostly wait for the engine
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	for _, x := range exchanges {
		t.Run(x.name(), func(t *testing.T) {
			answers := map[string]answer{}
			for name, send := range transports {
				w.ready(t, x)
				a := send(t, p, w, x)
				if a.Status != x.status {
					t.Errorf("%s: got status %d, want %d: %s", name, a.Status, x.status, a.Body)
				}
				x.check(t, w, a)
				checkSecrets(t, a)
				answers[name] = withoutTransport(t, a, x.writes)
			}
			want := answers["net/http"]
			checkPages(t, x, want)
			for _, name := range slices.Sorted(maps.Keys(answers)) {
				if d := cmp.Diff(want, answers[name]); d != "" {
					t.Errorf("%s, compared with net/http (-want +got):\n%s", name, d)
				}
			}
			if strings.Contains(x.body, "[[words 5]]\"") && !done(want) {
				t.Errorf("got an incomplete stream: %s", want.Body)
			}
		})
	}
}

// done reports whether an answer, which may be a stream, is complete.
func done(a answer) bool {
	switch contentType, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";"); contentType {
	case "text/event-stream":
		return strings.Contains(a.Body, "event: done")
	case "application/x-ndjson":
		return strings.Contains(a.Body, `{"type":"done"`)
	}
	return !strings.Contains(a.Body, `{"statusCode":5`) // FlowGent's form of it, under HTTP 200
}

// withoutTransport removes the headers that belong to the transport.
func withoutTransport(t *testing.T, a answer, written bool) answer {
	t.Helper()
	a.Header = a.Header.Clone()
	if a.Header.Get("X-Request-Id") == "" {
		t.Error("got no X-Request-Id, want one")
	}
	for name := range a.Header {
		if strings.HasPrefix(name, "X-Amzn") || slices.Contains([]string{"Date", "Content-Length", "X-Request-Id"}, name) {
			delete(a.Header, name)
		}
	}
	if a.Header.Get("RateLimit") != "" {
		a.Header.Set("RateLimit", "<what is left>")
	}
	if written {
		a.Body = steady(a.Body)
		if a.Header.Get("X-Flow-Balance") != "" {
			a.Header.Set("X-Flow-Balance", "<credits>")
		}
		for i, cookie := range a.Header["Set-Cookie"] {
			a.Header["Set-Cookie"][i] = steady(cookie)
		}
	}
	return a
}

// open are functions without refusals.
var open = []string{"openapi-get", "health-get", "readiness-get"}

// Each function with an HTTP starter has a success and a refusal above.
func TestExchanges_Complete(t *testing.T) {
	seen := map[string]map[bool]bool{}
	for _, x := range exchanges {
		if seen[x.function] == nil {
			seen[x.function] = map[bool]bool{}
		}
		seen[x.function][x.status < http.StatusBadRequest] = true
	}
	for _, route := range routes.All {
		answers, refuses := route.HTTP != nil || route.Stream != nil, !slices.Contains(open, route.Function)
		if answers && (!seen[route.Function][true] || seen[route.Function][false] != refuses) {
			t.Errorf("%s: got no success, or no refusal, want an exchange of each (see open)", route.Function)
		}
	}
}
