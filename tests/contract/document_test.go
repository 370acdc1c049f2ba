package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/tests/document"
)

// The document describes exactly the routes of the template. An operation is named after
// its function; the names of a function's further routes have a suffix.
func TestDocument_HasAllRoutes(t *testing.T) {
	functions := map[string]string{}
	for _, f := range template(t).Functions() {
		functions[f.Name] = strings.ToLower(f.LogicalID[:1]) + f.LogicalID[1:]
	}
	var routed, described []string
	names := map[string]string{}
	for _, r := range template(t).Routes() {
		routed = append(routed, r.Method+" "+r.Path)
		names[r.Method+" "+r.Path] = functions[r.Function]
	}
	for _, o := range api(t).Operations() {
		described = append(described, o.Method+" "+o.Path)
		if want := names[o.Method+" "+o.Path]; !strings.HasPrefix(o.ID, want) {
			t.Errorf("%s %s: got operationId %s, want %s at its beginning", o.Method, o.Path, o.ID, want)
		}
	}
	slices.Sort(routed)
	slices.Sort(described)
	if d := cmp.Diff(routed, described); d != "" {
		t.Errorf("routes of the document (-want +got):\n%s", d)
	}
}

func api(t *testing.T) *document.Document {
	t.Helper()
	d, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// check checks an exchange against the document.
func (x exchange) check(t *testing.T, w *world, a answer) {
	t.Helper()
	r := x.request(t, w, "https://example.com")
	err := api(t).Check(document.Exchange{Request: r, Sent: []byte(w.expand(x.body)), Status: a.Status, Header: a.Header, Body: []byte(a.Body)})
	if err != nil {
		t.Error(err)
	}
}
