package contract_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
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

// maxBuffered is the longest time that a REST API waits for a buffered answer.
const maxBuffered = 29 * time.Second

// Every function is in each of the four places, under the same name.
func TestFunctions_SameNamesEverywhere(t *testing.T) {
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
			t.Errorf("functions of %s, compared with functions/ (-want +got):\n%s", name, d)
		}
	}
}

func TestFunctions_TemplateProperties(t *testing.T) {
	yaml := templateSource(t)
	for _, f := range template(t).Functions() {
		t.Run(f.Name, func(t *testing.T) {
			written := yaml.Resources[f.LogicalID]
			// See shared/build: with another method sam build ships binaries twice as large.
			if got, want := written.Metadata, (metadata{"makefile", "shared/build/${Architecture}", "."}); got != want {
				t.Errorf("Metadata: got %+v, want %+v", got, want)
			}
			if want := "functions/" + f.Name + "/"; f.CodeURI != want {
				t.Errorf("got CodeUri %q, want %q", f.CodeURI, want)
			}
			if written.Properties.Timeout == 0 && yaml.Globals.Function.Timeout == 0 {
				t.Error("got no Timeout, want one: the default is 3 s")
			}
		})
	}
}

// A function that streams in the code streams in the template, and may take its timeout. Any
// other function has the time of a buffered answer.
func TestFunctions_StartersAndTimeouts(t *testing.T) {
	timeouts := map[string]time.Duration{}
	for _, f := range template(t).Functions() {
		timeouts[f.Name] = f.Timeout
	}
	answers := map[string]bool{}
	for _, r := range template(t).Routes() {
		answers[r.Function] = true
		route, ok := routes.Find(r.Function)
		if !ok {
			t.Errorf("got no %s in shared/routes, want one", r.Function)
			continue
		}
		timeout := timeouts[r.Function]
		switch streams := route.Stream != nil; {
		case streams != r.Stream:
			t.Errorf("%s %s: got boot.Stream %t and RESPONSE_STREAM %t, want the same", r.Method, r.Path, streams, r.Stream)
		case streams && timeout >= ledger.HoldLife:
			t.Errorf("%s: got a Timeout of %s, want less than the life of a hold, %s", r.Function, timeout, ledger.HoldLife)
		case !streams && timeout > maxBuffered:
			t.Errorf("%s: got a Timeout of %s, want at most the API's, %s", r.Function, timeout, maxBuffered)
		}
		if r.Timeout < timeout {
			t.Errorf("%s %s: got an integration timeout of %s, want at least the function's, %s", r.Method, r.Path, r.Timeout, timeout)
		}
	}
	for _, s := range template(t).Schedules() {
		if route, ok := routes.Find(s.Function); !ok || route.Schedule == nil {
			t.Errorf("%s: got a schedule without boot.Schedule, want both", s.Function)
		}
	}
	checkQueues(t)
	checkStreams(t)
	for _, r := range routes.All {
		if http := r.HTTP != nil || r.Stream != nil; http != answers[r.Function] {
			t.Errorf("%s: got an HTTP starter %t and a route in the template %t, want the same", r.Function, http, answers[r.Function])
		}
	}
}

// checkQueues compares the functions of queues with their queues: a message is redelivered only
// after its function has timed out, is received at most five times, and is then kept for two
// weeks.
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
			t.Errorf("%s: got boot.Queue %t and a queue in the template %t, want the same", f.Name, route.Queue != nil, ok)
		}
		if !ok {
			continue
		}
		if !source.ReportFailures {
			t.Errorf("%s: got no ReportBatchItemFailures, want it: one failure would redeliver the whole batch", f.Name)
		}
		q := queues[source.Queue]
		if want := strconv.Itoa(6 * int(f.Timeout.Seconds())); q.Attributes["VisibilityTimeout"] != want {
			t.Errorf("%s: got VisibilityTimeout %s, want %s", source.Queue, q.Attributes["VisibilityTimeout"], want)
		}
		var redrive struct {
			Target  string `json:"deadLetterTargetArn"`
			Maximum int    `json:"maxReceiveCount"`
		}
		if err := json.Unmarshal([]byte(q.Attributes["RedrivePolicy"]), &redrive); err != nil || redrive.Maximum != 5 {
			t.Errorf("%s: got redrive policy %s (%v), want maxReceiveCount 5", source.Queue, q.Attributes["RedrivePolicy"], err)
		}
		dead := queues[redrive.Target[strings.LastIndex(redrive.Target, ":")+1:]]
		if kept := dead.Attributes["MessageRetentionPeriod"]; kept != "1209600" {
			t.Errorf("%s: got dead letters kept for %q s, want 1209600", source.Queue, kept)
		}
	}
}

// checkStreams compares the functions of the table's stream with it: one failure must not repeat
// the records before it.
func checkStreams(t *testing.T) {
	t.Helper()
	fed := map[string]bool{}
	for _, s := range template(t).StreamSources() {
		if fed[s.Function] = true; !s.ReportFailures {
			t.Errorf("%s: got no ReportBatchItemFailures, want it: one failure would repeat the whole batch", s.Function)
		}
	}
	for _, r := range routes.All {
		if fed[r.Function] != (r.Changes != nil) {
			t.Errorf("%s: got boot.Changes %t and a stream in the template %t, want the same", r.Function, r.Changes != nil, fed[r.Function])
		}
	}
}

// glob returns the project's files that match, at least one.
func glob(t *testing.T, pattern ...string) []string {
	t.Helper()
	paths, err := filepath.Glob(inProject(pattern...))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Errorf("got no %s, want some", filepath.Join(pattern...))
	}
	slices.Sort(paths)
	return paths
}

// A variable that the template sets and boot does not read is a typo.
func TestFunctions_Environment(t *testing.T) {
	known := map[string]bool{"GOMEMLIMIT": true, "SSL_CERT_DIR": true} // Go's own
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
				t.Errorf("%s: got the variable %s, want only those that boot.Config reads", f.Name, name)
			}
		}
	}
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func unquote(t *testing.T, literal string) string {
	t.Helper()
	s, err := strconv.Unquote(literal)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
