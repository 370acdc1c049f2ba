package contract_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// A UUID is the same in upper and lower case in every request: one that succeeds with the one
// succeeds with the other.
func TestIDs_UpperCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	named := 0
	for _, x := range exchanges {
		if x.status >= 300 {
			continue
		}
		w.ready(t, x)
		loud := *w
		loud.names = map[string]string{}
		for name, value := range w.names {
			loud.names[name] = upperIDs(value)
		}
		if loud.expand(x.path+x.body) == w.expand(x.path+x.body) {
			continue
		}
		named++
		t.Run(x.name(), func(t *testing.T) {
			if a := buffered(t, p, &loud, x); a.Status != x.status {
				t.Errorf("got %d, want %d: %s", a.Status, x.status, a.Body)
			}
		})
	}
	if named < 40 {
		t.Errorf("got %d requests with a UUID, want at least 40", named)
	}
}

// upperIDs returns an id with its UUIDs in upper case; any other text is unchanged.
func upperIDs(id string) string {
	parts := strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == ':' })
	for _, part := range parts {
		if param.IsID(part) {
			id = strings.ReplaceAll(id, part, strings.ToUpper(part))
		}
	}
	return id
}
