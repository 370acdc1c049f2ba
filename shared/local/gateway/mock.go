package gateway

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// addMocks adds the methods of the API's DefinitionBody. Methods with a function have
// precedence, as in SAM's MergeDefinitions.
func addMocks(a *sam.API, resource func(path string, a *sam.API) *resource) {
	for _, path := range slices.Sorted(maps.Keys(a.Definition.Paths)) {
		for method, operation := range a.Definition.Paths[path] {
			if operation.Mock != nil {
				res, method := resource(path, a), strings.ToUpper(method)
				res.mocks[method] = mock{operation.Mock}
				res.buckets[method] = bucketOf(a, path, method)
			}
		}
	}
}

// mock is a method that a mock integration answers.
type mock struct{ *sam.Mock }

// answer writes the mock's response.
func (m mock) answer(w http.ResponseWriter, r *http.Request, c *call) {
	w.Header().Set("Content-Type", "application/json")
	for name, expression := range m.Headers {
		w.Header().Set(name, c.header(r, problem{}, expression))
	}
	body, overrides := m.Body.Run(func(name string) string { return c.expand(r, problem{}, name) }, r.Header)
	for name, value := range overrides {
		w.Header().Set(name, value)
	}
	w.WriteHeader(m.Status)
	_, _ = io.WriteString(w, body)
}
