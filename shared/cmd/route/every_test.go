package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// unusual reports whether the exchanges of a function in tests/contract have no block of their
// own, so that no route can begin with them. Those of webhooks are one block for each channel.
func unusual(function string) bool {
	return function == "openapi-get" || function == "health-get" || function == "readiness-get" || function == "manage-session-create" || strings.HasPrefix(function, "inbound-")
}

// Every other route can be the similar one: the document gets one operation for the new route,
// and the template still loads.
func TestNew_LikeEveryRoute(t *testing.T) {
	template, err := sam.Load(filepath.Join(project, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	root, laid := copied(t), map[string]bool{}
	for _, r := range template.Routes() {
		if laid[r.Function] {
			continue
		}
		laid[r.Function] = true
		surface, rest, _ := strings.Cut(r.Function, "-")
		noun := "copy" + strings.ReplaceAll(rest, "-", "")
		name := surface + "-" + noun + "-get"
		n, err := plan(root, name, "GET", r.Path+"/"+noun, r.Function)
		if err != nil {
			t.Errorf("%s: got %v, want a plan", r.Function, err)
			continue
		}
		if err := n.lay(root); (err != nil) != unusual(r.Function) {
			t.Errorf("%s: got %v, want an error: %t", r.Function, err, unusual(r.Function))
		}
		if unusual(r.Function) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, n.document))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), "    get:"+operationLine(name)); got != 1 {
			t.Errorf("%s: got %d operations %s in %s, want 1", r.Function, got, operationID(name), n.document)
		}
	}
	if err := generate(root); err != nil {
		t.Error(err)
	}
	if _, err := sam.Load(filepath.Join(root, "template.yaml"), nil); err != nil {
		t.Error(err)
	}
}
