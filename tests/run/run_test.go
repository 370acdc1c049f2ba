// Package run_test starts the local program as `make run` does, and checks what a new user sees: when it is
// ready, what it prints, and what it leaves behind.
package run_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/tests/inputs"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// folder has the built program.
var folder string

func run(m *testing.M) (status int) {
	var err error
	if folder, err = os.MkdirTemp("", "quintet-run-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	return m.Run()
}

var build = sync.OnceValues(func() (string, error) {
	if err := inputs.Program("./shared/cmd/local"); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "local")
	_, err := goCommand("build", "-o", path, "./shared/cmd/local")
	return path, err
})

func goCommand(args ...string) (string, error) {
	cmd := inputs.AtRoot(exec.Command("go", args...))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, &complaint)
	}
	return string(out), nil
}

func inProject(elements ...string) string {
	return filepath.Join(append([]string{dynamotest.Root()}, elements...)...)
}

// program is a running `local serve`.
type program struct {
	cmd    *exec.Cmd
	output *output
	state  string
	exited chan error
}

// output is written by the program and read by the test.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func start(t *testing.T, state, port string, change ...func(*exec.Cmd)) *program {
	t.Helper()
	p := &program{cmd: local(t, "serve", "--state", state, "--ministack", ministack(t)), output: &output{}, state: state, exited: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), "PORT="+port, "MODEL_BASE_URL=", "MODEL_NAME=")
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	// The program gets its own process group, so that leftover processes can be found.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	for _, c := range change {
		c(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// local returns the program with some arguments, at the project's root.
func local(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return inputs.AtRoot(exec.Command(binary, args...))
}

func ministack(t *testing.T) string {
	t.Helper()
	path := os.Getenv("MINISTACK")
	if path == "" {
		path = inProject(".venv", "bin", "ministack")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("these tests need MiniStack: run `make test`, which installs it (%v)", err)
	}
	return path
}

func (p *program) demoFile() string { return filepath.Join(p.state, "demo.json") }

type demo struct {
	BaseURL string `json:"base_url"`
	Orgs    map[string]struct {
		ID      string `json:"id"`
		Email   string `json:"email"`
		APIKey  string `json:"api_key"`
		Session string `json:"session_cookie"`
		Secret  string `json:"password"`
		AgentID string `json:"agent_id"`
	} `json:"orgs"`
	OperatorKey string `json:"operator_key"`
}

// ready waits for demo.json, which is written once everything is served.
func (p *program) ready(t *testing.T) demo {
	t.Helper()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		body, err := os.ReadFile(p.demoFile())
		var d demo
		if err == nil && json.Unmarshal(body, &d) == nil {
			return d
		}
		select {
		case err := <-p.exited:
			t.Fatalf("got an exit with %v, want a ready program\n%s", err, p.output)
		case <-deadline:
			t.Fatalf("got no demo.json in 90 s, want one:\n%s", p.output)
		case <-tick.C:
		}
	}
}

// interrupt sends what Ctrl-C sends.
func (p *program) interrupt(t *testing.T) {
	t.Helper()
	p.end(t, os.Interrupt)
}

// end sends a signal that must stop the program without an error.
func (p *program) end(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		if err != nil {
			t.Errorf("got an exit with %v, want success:\n%s", err, p.output)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("got no exit in 20 s, want one:\n%s", p.output)
	}
}

func (p *program) notServed(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(p.demoFile()); err == nil {
		t.Error("got a demo.json after the exit, want none")
	}
}

// refused waits for the program to exit with an error that contains the wanted texts.
func (p *program) refused(t *testing.T, want ...string) {
	t.Helper()
	select {
	case err := <-p.exited:
		if err == nil {
			t.Errorf("got an exit without an error, want one:\n%s", p.output)
		}
	case <-time.After(60 * time.Second):
		t.Fatalf("got no exit in 60 s, want one:\n%s", p.output)
	}
	for _, text := range want {
		if !strings.Contains(p.output.String(), text) {
			t.Errorf("got %[2]s\nwant %[1]q in it", text, p.output)
		}
	}
	if strings.Contains(p.output.String(), "panic:") {
		t.Errorf("got a panic, want none:\n%s", p.output)
	}
}

func (d demo) chat(t *testing.T, org, text string) string {
	t.Helper()
	o := d.Orgs[org]
	post := func(path, body string) string {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, d.BaseURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+o.APIKey)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	var thread struct{ ID string }
	if err := json.Unmarshal([]byte(post("/api/threads", fmt.Sprintf(`{"agentId":%q}`, o.AgentID))), &thread); err != nil {
		t.Fatal(err)
	}
	return post("/api/threads/"+thread.ID+"/messages", fmt.Sprintf(`{"content":%q}`, text))
}

// me returns the user of a session cookie.
func (d demo) me(t *testing.T, cookie string) string { return d.get(t, "/me", "Cookie", cookie) }

// all returns the orgs that an operator sees.
func (d demo) all(t *testing.T) string {
	return d.get(t, "/api/v1/operator/orgs", "Authorization", "Bearer "+d.OperatorKey)
}

func (d demo) get(t *testing.T, path, header, value string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, d.BaseURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestRun_TwiceKeepsData(t *testing.T) {
	state, port := t.TempDir(), freePort(t)

	first := start(t, state, port)
	before := first.ready(t)
	if got := before.chat(t, "demo", "hello"); !strings.Contains(got, `"content":"You said: hello"`) {
		t.Errorf("got %s from demo, want an answer", got)
	}
	if got := before.chat(t, "empty", "hello"); !strings.Contains(got, "INSUFFICIENT_CREDITS") {
		t.Errorf("got %s from empty, want INSUFFICIENT_CREDITS", got)
	}
	if got := before.me(t, before.Orgs["demo"].Session); !strings.Contains(got, `"email":"demo@example.com"`) {
		t.Errorf("got %s with demo's session, want its user", got)
	}
	if got := before.all(t); !strings.Contains(got, before.Orgs["empty"].ID) {
		t.Errorf("got %s as the operator, want all orgs", got)
	}
	left := children(t, first.cmd.Process.Pid)
	if len(left) < 2 { // at least MiniStack and a function
		t.Fatalf("got %d processes, want at least 2", len(left))
	}
	first.interrupt(t)
	for pid, name := range left {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("got %s (%d) after the exit, want no process", name, pid)
		}
	}
	first.notServed(t)

	second := start(t, state, port)
	after := second.ready(t)
	for name, org := range before.Orgs {
		// Each run creates a session; the session of the previous run stays valid.
		for _, cookie := range []string{org.Session, after.Orgs[name].Session} {
			if got := after.me(t, cookie); !strings.Contains(got, org.ID) {
				t.Errorf("%s's session: got %s, want its org", name, got)
			}
		}
		org.Session = after.Orgs[name].Session
		if after.Orgs[name] != org {
			t.Errorf("%[1]s: got %+[3]v, want %+[2]v as before", name, org, after.Orgs[name])
		}
	}
	if got := after.all(t); after.OperatorKey != before.OperatorKey || !strings.Contains(got, after.Orgs["other"].ID) {
		t.Errorf("got operator's key %[2]s, which lists %[3]s, want the key %[1]s as before", before.OperatorKey, after.OperatorKey, got)
	}
	if got := after.chat(t, "demo", "again"); !strings.Contains(got, `"ok":true`) {
		t.Errorf("got %s from demo, want an answer", got)
	}
	second.interrupt(t)
}

func TestRefuse_PortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	start(t, t.TempDir(), port).refused(t, port+" is in use", "PORT=3001 make run")
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// children returns the names of all descendants of a process, by id.
func children(t *testing.T, parent int) map[int]string {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,comm=").Output()
	if err != nil {
		t.Fatalf("ps: %v", err)
	}
	type process struct {
		pid, ppid int
		name      string
	}
	var all []process
	for line := range strings.Lines(string(out)) {
		var p process
		if _, err := fmt.Sscan(line, &p.pid, &p.ppid, &p.name); err == nil {
			all = append(all, p)
		}
	}
	found := map[int]string{}
	for again := true; again; {
		again = false
		for _, p := range all {
			_, known := found[p.pid]
			if _, under := found[p.ppid]; !known && (under || p.ppid == parent) {
				found[p.pid], again = p.name, true
			}
		}
	}
	return found
}
