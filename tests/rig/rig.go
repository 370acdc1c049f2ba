// Package rig runs the product for tests as `make run` does: the template's
// functions as processes, a local AWS, the local model. Each rig has a table
// of its own.
package rig

import (
	"bufio"
	"fmt"
	"io"
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
)

// Rig is a running product with an org that has an agent.
type Rig struct {
	dynamotest.Table
	Runner *local.Runner
	Org    string
	Key    string
	Agent  agent.Agent
	Users  cognitotest.Pool // empty on an engine that has no users
}

// Start builds the local program once per test binary and runs the product.
// BINARIES names a folder of built bootstraps to run instead.
func Start(t testing.TB, balance ledger.Credits, change ...func(*ledger.Account)) *Rig {
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
	runner, err := local.Start(t.Context(), local.Options{
		Template: filepath.Join(dynamotest.Root(), "template.yaml"),
		Command:  command(t),
		Address:  "127.0.0.1:0",
		Environment: map[string]string{
			"TABLE_NAME": r.Name, "AWS_ENDPOINT_URL": dynamotest.Endpoint(), "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model.URL,
			"USER_POOL_ID": r.Users.ID, "USER_POOL_CLIENT_ID": r.Users.Client,
		},
		Logs: testLog{t},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	r.Runner = runner
	return r
}

// generous keeps rate limits out of tests that are not about them.
func generous(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }

// Thread makes a thread of the rig's agent and returns its id.
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

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("quintet-local-%d", os.Getpid()))
	cmd := exec.Command("go", "build", "-o", path, "./shared/cmd/local")
	cmd.Dir = dynamotest.Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the local program: %w\n%s", err, out)
	}
	return path, nil
})

// Program returns the local program, built once per test binary.
func Program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func command(t testing.TB) func(string) *exec.Cmd {
	t.Helper()
	if dir := os.Getenv("BINARIES"); dir != "" {
		return local.Binaries(dir)
	}
	path := Program(t)
	return func(function string) *exec.Cmd { return exec.Command(path, "function", function) }
}

// Clean removes what Start built; call it when the package's tests are done.
func Clean() {
	_ = os.Remove(filepath.Join(os.TempDir(), fmt.Sprintf("quintet-local-%d", os.Getpid())))
}

// testLog passes the functions' output on to a test that failed.
type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
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
