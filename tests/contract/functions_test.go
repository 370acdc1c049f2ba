package contract_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/routes"
)

// maxMain is how long a main.go may be: it says what to start, nothing else.
const maxMain = 15

// maxBuffered is what a REST API gives a buffered answer.
const maxBuffered = 29 * time.Second

// Every function is in each of the four places, under one name.
func TestTheSameFunctionsEverywhere(t *testing.T) {
	var inTemplate, inRoutes, inEvents, inFolders []string
	for _, f := range template(t).Functions() {
		inTemplate = append(inTemplate, f.Name)
	}
	for _, r := range routes.All {
		inRoutes = append(inRoutes, r.Function)
	}
	for _, path := range glob(t, "events", "*.json") {
		inEvents = append(inEvents, strings.TrimSuffix(filepath.Base(path), ".json"))
	}
	for _, path := range glob(t, "functions", "*", "main.go") {
		inFolders = append(inFolders, filepath.Base(filepath.Dir(path)))
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	for name, got := range map[string][]string{"template.yaml": inTemplate, "shared/routes": inRoutes, "events/": inEvents} {
		if d := cmp.Diff(inFolders, got, sorted); d != "" {
			t.Errorf("%s does not have the functions of functions/ (-functions/ +%s):\n%s", name, name, d)
		}
	}
}

func TestFunctionsInTheTemplate(t *testing.T) {
	yaml := templateSource(t)
	for _, f := range template(t).Functions() {
		t.Run(f.Name, func(t *testing.T) {
			written := yaml.Resources[f.LogicalID]
			if got := written.Metadata.BuildMethod; got != "go1.x" {
				t.Errorf("BuildMethod is %q: sam build needs go1.x", got)
			}
			if want := "functions/" + f.Name + "/"; f.CodeURI != want {
				t.Errorf("CodeUri is %q, not %q", f.CodeURI, want)
			}
			if written.Properties.Timeout == 0 && yaml.Globals.Function.Timeout == 0 {
				t.Error("Timeout is not set: it would be 3 s")
			}
		})
	}
}

// What streams in the code streams in the template, and has its time; what
// does not has the time of a buffered answer.
func TestTransferModes(t *testing.T) {
	timeouts := map[string]time.Duration{}
	for _, f := range template(t).Functions() {
		timeouts[f.Name] = f.Timeout
	}
	answers := map[string]bool{}
	for _, r := range template(t).Routes() {
		answers[r.Function] = true
		route, ok := routes.Find(r.Function)
		if !ok {
			t.Errorf("shared/routes has no %s", r.Function)
			continue
		}
		timeout := timeouts[r.Function]
		switch streams := route.Stream != nil; {
		case streams != r.Stream:
			t.Errorf("%s %s: starts with boot.Stream: %t, ResponseTransferMode is RESPONSE_STREAM: %t", r.Method, r.Path, streams, r.Stream)
		case streams && timeout >= ledger.HoldLife:
			t.Errorf("%s: a Timeout of %s outlives the hold of its turn, %s", r.Function, timeout, ledger.HoldLife)
		case !streams && timeout > maxBuffered:
			t.Errorf("%s: a Timeout of %s is longer than the API waits, %s", r.Function, timeout, maxBuffered)
		}
		if r.Timeout < timeout {
			t.Errorf("%s %s: the integration gives up after %s, the function after %s", r.Method, r.Path, r.Timeout, timeout)
		}
	}
	for _, s := range template(t).Schedules() {
		if route, ok := routes.Find(s.Function); !ok || route.Schedule == nil {
			t.Errorf("%s has a schedule, but does not start with boot.Schedule", s.Function)
		}
	}
	checkQueues(t)
	checkStreams(t)
	for _, r := range routes.All {
		if http := r.HTTP != nil || r.Stream != nil; http != answers[r.Function] {
			t.Errorf("%s: starts for HTTP: %t, has a route in the template: %t", r.Function, http, answers[r.Function])
		}
	}
}

// checkQueues holds the functions of queues against their queues: a message
// comes again only when its function cannot be at it any more, five times at
// most, and is then kept for two weeks.
func checkQueues(t *testing.T) {
	t.Helper()
	fed := map[string]sam.QueueSource{}
	for _, s := range template(t).QueueSources() {
		fed[s.Function] = s
	}
	queues := map[string]sam.Queue{}
	for _, q := range template(t).Queues() {
		queues[q.Name] = q
	}
	for _, f := range template(t).Functions() {
		route, _ := routes.Find(f.Name)
		source, ok := fed[f.Name]
		if ok != (route.Queue != nil) {
			t.Errorf("%s: starts with boot.Queue: %t, has a queue in the template: %t", f.Name, route.Queue != nil, ok)
		}
		if !ok {
			continue
		}
		if !source.ReportFailures {
			t.Errorf("%s: one failure would have its whole batch come again", f.Name)
		}
		q := queues[source.Queue]
		if want := strconv.Itoa(6 * int(f.Timeout.Seconds())); q.Attributes["VisibilityTimeout"] != want {
			t.Errorf("%s: VisibilityTimeout is %s, not %s", source.Queue, q.Attributes["VisibilityTimeout"], want)
		}
		var redrive struct {
			Target  string `json:"deadLetterTargetArn"`
			Maximum int    `json:"maxReceiveCount"`
		}
		if err := json.Unmarshal([]byte(q.Attributes["RedrivePolicy"]), &redrive); err != nil || redrive.Maximum != 5 {
			t.Errorf("%s: the redrive policy is %s (%v)", source.Queue, q.Attributes["RedrivePolicy"], err)
		}
		dead := queues[redrive.Target[strings.LastIndex(redrive.Target, ":")+1:]]
		if kept := dead.Attributes["MessageRetentionPeriod"]; kept != "1209600" {
			t.Errorf("%s: what is dead is kept for %q s", source.Queue, kept)
		}
	}
}

// checkStreams holds the functions of a table's stream against it: one failure
// must not have what was done before it come again.
func checkStreams(t *testing.T) {
	t.Helper()
	fed := map[string]bool{}
	for _, s := range template(t).StreamSources() {
		if fed[s.Function] = true; !s.ReportFailures {
			t.Errorf("%s: one failure would have its whole batch come again", s.Function)
		}
	}
	for _, r := range routes.All {
		if fed[r.Function] != (r.Changes != nil) {
			t.Errorf("%s: starts with boot.Changes: %t, has a stream in the template: %t", r.Function, r.Changes != nil, fed[r.Function])
		}
	}
}

// What runs locally is what is deployed: each main starts the expression that
// shared/routes has for it, with the same starter.
func TestMainsEqualRoutes(t *testing.T) {
	makers := routeMakers(t)
	for _, path := range glob(t, "functions", "*", "main.go") {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n > maxMain {
				t.Errorf("main.go has %d lines, more than %d", n, maxMain)
			}
			got := mainMaker(t, path)
			want, ok := makers[name]
			if !ok {
				t.Fatal("shared/routes does not have it")
			}
			if got.starter != want.starter {
				t.Errorf("main starts with boot.%s, shared/routes has it under %s", got.starter, want.starter)
			}
			shape := cmpopts.IgnoreTypes(token.NoPos)
			if !cmp.Equal(got.expression, want.expression, shape) {
				t.Errorf("main starts\n\t%s\nshared/routes has\n\t%s", sourceOf(t, got.expression), sourceOf(t, want.expression))
			}
			if d := cmp.Diff(want.imports, got.imports); d != "" {
				t.Errorf("the names in it mean something else (-shared/routes +main):\n%s", d)
			}
		})
	}
}

// maker is how a function starts, as it is written.
type maker struct {
	starter    string            // HTTP, Stream, Queue, Schedule
	expression ast.Expr          // what the starter is given
	imports    map[string]string // path by qualifier, of those that the expression uses
}

// mainMaker reads a main.go, which must hold one call of a starter.
func mainMaker(t *testing.T, path string) maker {
	t.Helper()
	file := parse(t, path)
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name != "main" || len(f.Body.List) != 1 {
			t.Fatalf("%s may only call a starter", f.Name.Name)
		}
		statement, _ := f.Body.List[0].(*ast.ExprStmt)
		call, ok := statement.X.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			t.Fatal("main does not call a starter")
		}
		starter, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			t.Fatal("main does not call a starter")
		}
		return maker{starter: starter.Sel.Name, expression: call.Args[0], imports: importsOf(t, file, call.Args[0])}
	}
	t.Fatal("there is no main")
	return maker{}
}

// routeMakers reads the entries of routes.All by their function.
func routeMakers(t *testing.T) map[string]maker {
	t.Helper()
	file := parse(t, inProject("shared", "routes", "routes.go"))
	makers := map[string]maker{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "All" {
			return true
		}
		for _, entry := range spec.Values[0].(*ast.CompositeLit).Elts {
			var name string
			var m maker
			for _, element := range entry.(*ast.CompositeLit).Elts {
				field := element.(*ast.KeyValueExpr)
				switch key := field.Key.(*ast.Ident).Name; key {
				case "Function":
					name = unquote(t, field.Value.(*ast.BasicLit).Value)
				default:
					m = maker{starter: key, expression: field.Value, imports: importsOf(t, file, field.Value)}
				}
			}
			makers[name] = m
		}
		return false
	})
	return makers
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// importsOf returns the imports whose names an expression uses.
func importsOf(t *testing.T, file *ast.File, e ast.Expr) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, spec := range file.Imports {
		path := unquote(t, spec.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		all[name] = path
	}
	used := map[string]string{}
	ast.Inspect(e, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && all[x.Name] != "" {
				used[x.Name] = all[x.Name]
			}
		}
		return true
	})
	return used
}

func unquote(t *testing.T, literal string) string {
	t.Helper()
	s, err := strconv.Unquote(literal)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sourceOf(t *testing.T, e ast.Expr) string {
	t.Helper()
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), e); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// glob returns the project's files that match, of which there must be some.
func glob(t *testing.T, pattern ...string) []string {
	t.Helper()
	paths, err := filepath.Glob(inProject(pattern...))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Errorf("there is no %s", filepath.Join(pattern...))
	}
	slices.Sort(paths)
	return paths
}

// A variable that the template sets and boot does not read is a misspelling.
func TestEnvironment(t *testing.T) {
	known := map[string]bool{"SSL_CERT_DIR": true} // Go's own
	ast.Inspect(parse(t, inProject("shared", "boot", "config.go")), func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Getenv" {
			known[unquote(t, call.Args[0].(*ast.BasicLit).Value)] = true
		}
		return true
	})
	for _, f := range template(t).Functions() {
		for name := range f.Environment {
			if !known[name] {
				t.Errorf("%s is given %s, which boot.Config does not read", f.Name, name)
			}
		}
	}
}
