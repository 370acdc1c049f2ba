package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/quintet-agents/quintet/shared/local/lambda"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

func kill(t *testing.T, pids []int) {
	t.Helper()
	if len(pids) != 1 {
		t.Fatalf("got processes %v, want one", pids)
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func invokeScript(t *testing.T, p *project, script string) (string, error) {
	t.Helper()
	payload, err := json.Marshal(map[string]string{"body": script})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Invoke(t.Context(), "script", payload)
	return string(answer), err
}

func TestInvoke_Payload(t *testing.T) {
	p := startProject(t)
	answer, err := p.Invoke(t.Context(), "worker", []byte(`{"a":1}`))
	if err != nil || string(answer) != `{"a":1}` {
		t.Errorf("got %s, %v; want %s", answer, err, `{"a":1}`)
	}
	if _, err := p.Invoke(t.Context(), "nobody", nil); err == nil {
		t.Error("got an unknown function invoked, want an error")
	}
	for script, want := range map[string]lambda.FunctionError{
		"error":        {Type: "errorString", Message: "it did not work"},
		"panic":        {Type: "string", Message: "out of cheese"},
		"crash":        {Type: "Runtime.ExitError", Message: "exit status 3"},
		"hang":         {Type: "Sandbox.Timedout", Message: "Task timed out after 1.00 seconds"},
		"stream error": {Type: "errorString", Message: "the source ran dry"},
	} {
		_, err := invokeScript(t, p, script)
		var failure *lambda.FunctionError
		if !errors.As(err, &failure) || failure.Type != want.Type || !strings.Contains(failure.Message, want.Message) {
			t.Errorf("%s: got error %v, want %v", script, err, &want)
		}
	}
	if answer, err := invokeScript(t, p, "ok"); err != nil || !strings.Contains(answer, `"ok"`) {
		t.Errorf("after these failures: got %s, %v; want ok", answer, err)
	}
}

func TestProcess_Crash(t *testing.T) {
	p := startProject(t)
	if response, _ := p.send(t, "POST", "/script", "crash"); response.StatusCode != 502 {
		t.Errorf("got status %d, want 502", response.StatusCode)
	}
	_, message, ok := strings.Cut(p.logs.String(), "script crashed: exit status 3. Its last lines:\n")
	if !ok || !strings.Contains(message, "    line 39\n    the last words\n") || strings.Contains(message, "line 20\n") {
		t.Errorf("got this log, want the last lines up to \"the last words\" and no line 20:\n%s", p.logs)
	}
}

func TestProcess_Timeout(t *testing.T) {
	p := startProject(t)
	response, _ := p.send(t, "POST", "/script", "hang")
	if response.StatusCode != 502 {
		t.Errorf("got status %d, want 502", response.StatusCode)
	}
	if pids := p.Processes("script"); len(pids) > 0 {
		t.Errorf("got processes %v alive, want none", pids)
	}
	if !strings.Contains(p.logs.String(), "script: killed, its timeout of 1s is over") {
		t.Errorf("got this log, want \"script: killed, its timeout of 1s is over\" in it:\n%s", p.logs)
	}
}

func TestProcess_Concurrency(t *testing.T) {
	const callers, limit = 6, 3
	p := startProject(t, func(o *Options) { o.Concurrency = limit })
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			if response, body := p.send(t, "GET", "/slow", ""); response.StatusCode != 200 || body != "slow" {
				t.Errorf("got %d %s, want 200 slow", response.StatusCode, body)
			}
		})
	}
	for range limit {
		p.Await(t, "begun") // as many run concurrently as the limit allows
	}
	if n := len(p.Processes("slow")); n != limit {
		t.Errorf("got %d processes alive, want %d", n, limit)
	}
	for range callers - limit {
		p.Release(t, "end")
		p.Await(t, "begun") // a waiting one took its place
	}
	for range limit {
		p.Release(t, "end")
	}
	all.Wait()
	if n := len(p.Processes("slow")); n != limit {
		t.Errorf("got %d processes alive afterwards, want %d", n, limit)
	}
}

func TestProcess_Reused(t *testing.T) {
	p := startProject(t)
	first, second := processID(t, p), processID(t, p)
	if first != second || !slices.Equal(p.Processes("process"), []int{first}) {
		t.Errorf("got processes %d and %d, alive %v; want one", first, second, p.Processes("process"))
	}
	kill(t, p.Processes("process"))
	if third := processID(t, p); third == first {
		t.Error("got an answer of the killed process, want one of another")
	}
}

func TestProcess_NewBinary(t *testing.T) {
	dir := t.TempDir()
	p := startProject(t, func(o *Options) {
		template, err := sam.Load(o.Template, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range template.Functions() {
			install(t, dir, f.Name)
		}
		o.Command = Binaries(dir)
	})
	before := processID(t, p)
	install(t, dir, "process")
	if after := processID(t, p); after == before {
		t.Error("got an answer of the process of the old binary, want one of the new")
	}
}

// install copies the test binary into a function's folder.
func install(t *testing.T, dir, function string) {
	t.Helper()
	source, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	path := filepath.Join(dir, function, "bootstrap")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	target, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(target.Close(), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
}

func processID(t *testing.T, p *project) int {
	t.Helper()
	pid, _ := inspect(t, p)
	return pid
}

func inspect(t *testing.T, p *project) (int, []string) {
	t.Helper()
	response, body := p.send(t, "GET", "/process", "")
	var described struct {
		PID int
		Env []string
	}
	if err := json.Unmarshal([]byte(body), &described); err != nil {
		t.Fatalf("%d %s: %v", response.StatusCode, body, err)
	}
	return described.PID, described.Env
}

func TestProcess_Environment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SHELL", "x")
	p := startProject(t, func(o *Options) { o.Environment["STAGE"] = "over" })
	_, env := inspect(t, p)
	for _, want := range []string{
		"AWS_LAMBDA_FUNCTION_NAME=process", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=test", "_HANDLER=bootstrap", "TABLE=things-test", "STAGE=over", "PATH=" + os.Getenv("PATH"),
	} {
		if !slices.Contains(env, want) {
			t.Errorf("got an environment without %s, want one with it", want)
		}
	}
	if i := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "SECRET") }); i >= 0 {
		t.Errorf("got %s in the environment, want no variable of the shell", env[i])
	}
}

func TestClose_OpenStream(t *testing.T) {
	p := startProject(t)
	response := p.open(t, "GET", "/stream", "")
	defer response.Body.Close()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("got a stream that ended as if complete, want an error")
	}
	if pids := p.Processes("stream"); len(pids) > 0 {
		t.Errorf("got processes %v alive, want none", pids)
	}
	if _, err := p.Invoke(context.Background(), "echo", nil); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("got %v from a closed runner, want %v", err, lambda.ErrClosed)
	}
	_, err := http.Get(p.URL())
	if err == nil {
		t.Error("got an answer of a closed runner, want an error")
	}
}

func TestStart_Failures(t *testing.T) {
	p := startProject(t)
	for want, change := range map[string]func(*Options){
		"there is no template at nowhere.yaml":    func(o *Options) { o.Template = "nowhere.yaml" },
		"function echo has no binary":             func(o *Options) { o.Command = Binaries(t.TempDir()) },
		"is in use by another program":            func(o *Options) { o.Address = strings.TrimPrefix(p.URL(), "http://") },
		`there is no parameter "Stagee"`:          func(o *Options) { o.Parameters = map[string]string{"Stagee": "live"} },
		`parameter Stage is "x", but may only be`: func(o *Options) { o.Parameters = map[string]string{"Stage": "x"} },
	} {
		o := Options{Template: "testdata/template.yaml", Command: testCommand, Address: "127.0.0.1:0"}
		change(&o)
		r, err := Start(t.Context(), o)
		if err == nil {
			r.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
