package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/quintet-agents/quintet/shared/local/localtest"
)

// The functions are processes of the test binary: with a Runtime API in its environment, it
// runs the function that the environment names.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		localtest.Run(os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
		return
	}
	if template := os.Getenv("LOCAL_TEST_RUNNER"); template != "" {
		runForever(template)
		return
	}
	goleak.VerifyTestMain(m)
}

func testCommand(string) *exec.Cmd { return exec.Command(os.Args[0]) }

// project is a running test project.
type project struct {
	*Runner
	*localtest.Control
	logs *logBuffer
}

func startProject(t *testing.T, change ...func(*Options)) *project {
	t.Helper()
	p := &project{Control: localtest.NewControl(t), logs: &logBuffer{}}
	o := Options{
		Template:    "testdata/template.yaml",
		Environment: map[string]string{"CONTROL": p.Control.Base},
		Command:     testCommand,
		Address:     "127.0.0.1:0",
		Logs:        p.logs,
	}
	for _, f := range change {
		f(&o)
	}
	r, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	p.Runner = r
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if t.Failed() {
			t.Logf("logs:\n%s", p.logs)
		}
	})
	return p
}

// send makes a request and returns the response with its body.
func (p *project) send(t *testing.T, method, path, body string) (*http.Response, string) {
	t.Helper()
	response := p.open(t, method, path, body)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read the body: %v", method, path, err)
	}
	return response, string(text)
}

// open makes a request and leaves the body to the caller.
func (p *project) open(t *testing.T, method, path, body string) *http.Response {
	t.Helper()
	return p.openAs(t, method, path, "", body)
}

// openAs is open with a Content-Type.
func (p *project) openAs(t *testing.T, method, path, contentType, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// logBuffer collects the runner's log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// runForever runs a runner until a signal kills it.
func runForever(template string) {
	control := os.Getenv("LOCAL_TEST_CONTROL")
	r, err := Start(context.Background(), Options{
		Template:    template,
		Environment: map[string]string{"CONTROL": control},
		Command:     testCommand,
		Address:     "127.0.0.1:0",
		Logs:        os.Stderr,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, _ = r.Invoke(context.Background(), "slow", []byte(`{"body":"hold"}`))
}
