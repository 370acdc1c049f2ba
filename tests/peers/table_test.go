package peers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/openapi"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// row is one fact of a vendor's page, with its test.
type row struct {
	fact string
	pins []string
	test string // empty: to come
}

var (
	code = regexp.MustCompile("`([^`]+)`")
	link = regexp.MustCompile(`^\[[^\]]+\]\(([^)]+)\)$`)
)

// Each quotation of a row is in the test that the row names.
func TestFactsTable_QuotesTests(t *testing.T) {
	for _, r := range table(t) {
		if r.test == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dynamotest.Root(), r.test))
		if err != nil {
			t.Errorf("%s: %v", r.fact, err)
		}
		if len(r.pins) == 0 {
			t.Errorf("%s: got no quotation, want one", r.fact)
		}
		for _, pin := range r.pins {
			if !strings.Contains(string(text), pin) {
				t.Errorf("%s: got no match in %s, want %q", r.fact, r.test, pin)
			}
		}
	}
}

// The table has every vendor route, and no existing route is marked as to come.
func TestFactsTable_HasEveryRoute(t *testing.T) {
	missing := vendorRoutes(t)
	for _, r := range table(t) {
		for _, route := range texts(r.fact) {
			if r.test == "" && missing[route] {
				t.Errorf("%s: got a route, want none: the table says that it is to come", route)
			}
			delete(missing, route)
		}
	}
	for route := range missing {
		t.Errorf("%s: got no row in the table, want one", route)
	}
}

// factsFile has the tables of facts. Its links are relative to its folder.
const factsFile = "shared/docs/facts.md"

// table reads the tables of facts.
func table(t *testing.T) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dynamotest.Root(), factsFile))
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || cells[0] == "documented" {
			continue
		}
		if len(cells) != 3 {
			t.Fatalf("got %d cells, want 3: %s", len(cells), line)
		}
		r := row{fact: cells[0], pins: texts(cells[1])}
		if test := link.FindStringSubmatch(cells[2]); test != nil {
			r.test = filepath.Join(filepath.Dir(factsFile), test[1])
		} else if cells[2] != "to come" {
			t.Errorf("%s: got %q, want a link to a test, or to come", r.fact, cells[2])
		}
		rows = append(rows, r)
	}
	if len(rows) < 50 {
		t.Fatalf("got %d rows, want at least 50", len(rows))
	}
	return rows
}

// texts returns the texts in backquotes.
func texts(cell string) []string {
	var all []string
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	return all
}

// vendorRoutes are the vendors' routes in the OpenAPI document.
func vendorRoutes(t *testing.T) map[string]bool {
	t.Helper()
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(openapi.Document, &document); err != nil {
		t.Fatal(err)
	}
	vendors := map[string]bool{"AgentFlow": true, "Flametalk": true, "Flapjack": true, "FlexyAgents": true, "FlowGent": true}
	routes := map[string]bool{}
	for path, item := range document.Paths {
		for method, operation := range item {
			var o struct{ Tags []string }
			if json.Unmarshal(operation, &o) == nil && len(o.Tags) > 0 && vendors[o.Tags[0]] {
				routes[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	if len(routes) < 20 {
		t.Fatalf("got %d routes, want at least 20", len(routes))
	}
	return routes
}
