// Package rig runs the product for tests as `make run` does: the template's functions as
// processes, a local AWS, the local model. Each rig has its own table.
package rig

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/cognito/cognitotest"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/local"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/routes"
)

// Rig is a running product with an org that has an agent.
type Rig struct {
	dynamotest.Table
	Runner *local.Runner
	Org    string
	Key    string
	Agent  agent.Agent
	Users  cognitotest.Pool // empty if the engine has no users

	logs        *testLog
	environment map[string]string // of the functions
	parameters  map[string]string // of the template
}

// Main runs a package's tests with an engine, and serves as the functions' processes; call it
// from TestMain. The functions run the test binary itself, so Go's test cache is invalidated
// when their code changes.
func Main(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "function" {
		startFunction(os.Args[2])
		return
	}
	os.Exit(dynamotest.Run(m))
}

func startFunction(name string) {
	route, ok := routes.Find(name)
	if !ok {
		fmt.Fprintf(os.Stderr, "there is no function %s in shared/routes\n", name)
		os.Exit(1)
	}
	route.Start()
}

// Start runs the product; the package's TestMain must call Main. BINARIES names
// a folder of built bootstraps to run instead.
func Start(t testing.TB, balance ledger.Credits, change ...func(*ledger.Account)) *Rig {
	t.Helper()
	return prepare(t, balance, change...).Beside(t)
}

// StartConfigured is Start with other values of some of the template's parameters. Unlike with
// Configured there is no first copy, whose workers would take some of the queues' messages.
func StartConfigured(t testing.TB, balance ledger.Credits, parameters map[string]string) *Rig {
	t.Helper()
	return prepare(t, balance).Configured(t, parameters)
}

// StartMailing is Start with another endpoint of Amazon SES.
func StartMailing(t testing.TB, balance ledger.Credits, sesURL string) *Rig {
	t.Helper()
	r := prepare(t, balance)
	r.environment["AWS_ENDPOINT_URL_SESV2"] = sesURL
	return r.Beside(t)
}

// prepare makes what the product runs on, and does not run it.
func prepare(t testing.TB, balance ledger.Credits, change ...func(*ledger.Account)) *Rig {
	t.Helper()
	r := &Rig{Table: dynamotest.Open(t)}
	r.Org = r.Table.Org(t, balance, append(change, generous)...)
	r.Key, _ = r.Table.Key(t, r.Org, "")
	r.Agent = r.Table.Agent(t, r.Org, "be brief")

	if os.Getenv("DYNAMODB_ENDPOINT") == "" {
		r.Users = cognitotest.Open(t)
	}

	model := httptest.NewServer(scripted.Handler(scripted.Options{}))
	t.Cleanup(model.Close)
	r.environment = map[string]string{
		"TABLE_NAME": r.Name, "AWS_ENDPOINT_URL": dynamotest.Endpoint(), "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model.URL,
		"USER_POOL_ID": r.Users.ID, "USER_POOL_CLIENT_ID": r.Users.Client,
	}
	r.parameters = map[string]string{"PrivateNetworksAllowed": "127.0.0.0/8", "MetaGraphUrl": "http://127.0.0.1:1", "InstagramGraphUrl": "http://127.0.0.1:1", "TwilioApiUrl": "http://127.0.0.1:1"}
	for _, name := range []string{"RequestsPerSecond", "RequestBurst", "LoginsPerSecond", "LoginBurst", "SendsPerSecond", "SendBurst"} {
		r.parameters[name] = unthrottled
	}
	return r
}

// unthrottled raises the gateway's rates, for tests that are not about them.
const unthrottled = "1000000"

// Configured starts a second copy of the product on the same table, with other values of some
// of the template's parameters.
func (r *Rig) Configured(t testing.TB, parameters map[string]string) *Rig {
	t.Helper()
	other := *r
	other.parameters = maps.Clone(r.parameters)
	maps.Copy(other.parameters, parameters)
	return other.Beside(t)
}

// Beside starts a second copy of the product on the same table.
func (r *Rig) Beside(t testing.TB) *Rig {
	t.Helper()
	other := *r
	other.logs = &testLog{t: t}
	queues := dynamotest.Endpoint()
	if os.Getenv("DYNAMODB_ENDPOINT") != "" {
		queues = "" // the engine has no queues
	}
	runner, err := local.Start(t.Context(), local.Options{
		AWSEndpoint: queues,
		Parameters:  r.parameters,
		Template:    filepath.Join(dynamotest.Root(), "template.yaml"),
		Command:     command(t),
		URLVariable: "BASE_URL",
		Address:     "127.0.0.1:0",
		Environment: r.environment,
		Tables:      map[string]string{"Table": r.Name},
		Logs:        other.logs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	other.Runner = runner
	return &other
}

// Asking starts a second copy of the product on the same table, with the OpenAI-compatible
// server at a base URL as its model.
func (r *Rig) Asking(t testing.TB, modelURL string) *Rig {
	t.Helper()
	other := *r
	other.environment = maps.Clone(r.environment)
	other.environment["MODEL_BASE_URL"] = modelURL
	return other.Beside(t)
}

// generous raises the rate limits, for tests that are not about them.
func generous(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }

// Thread creates a thread with the rig's agent and returns its id.
func (r *Rig) Thread(t testing.TB) string {
	t.Helper()
	return r.Table.Thread(t, r.Agent).ID
}

// Post sends a message and returns the answer with its body unread.
func (r *Rig) Post(thread, content string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodPost, r.Runner.URL()+"/api/threads/"+thread+"/messages",
		strings.NewReader(fmt.Sprintf(`{"content":%q}`, content)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	return http.DefaultClient.Do(req)
}

func command(t testing.TB) func(string) *exec.Cmd {
	t.Helper()
	if dir := os.Getenv("BINARIES"); dir != "" {
		return local.Binaries(dir)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(function string) *exec.Cmd { return exec.Command(self, "function", function) }
}

// Logged reports whether the functions' output has a text so far.
func (r *Rig) Logged(text string) bool {
	r.logs.mu.Lock()
	defer r.logs.mu.Unlock()
	return bytes.Contains(r.logs.all.Bytes(), []byte(text))
}

// testLog keeps the functions' output, and prints it if the test fails.
type testLog struct {
	t   testing.TB
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.all.Write(p)
	l.mu.Unlock()
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}

// Event is one server-sent event.
type Event struct{ Name, Data string }

// Events reads a stream to its end; the error is nil only if it ended cleanly.
func Events(body io.Reader) ([]Event, error) {
	var events []Event
	var e Event
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "event":
			e.Name = value
		case "data":
			e.Data = value
		case "":
			if e != (Event{}) && value == "" {
				events = append(events, e)
			}
			e = Event{}
		}
	}
	return events, lines.Err()
}

// Warm requests one answer, so that the answering function has a warm process.
func (r *Rig) Warm(t testing.TB, thread string) {
	t.Helper()
	res, err := r.Post(thread, "hi")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := Events(res.Body); err != nil {
		t.Fatal(err)
	}
}
