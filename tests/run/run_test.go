// Package run_test starts the local program as `make run` does and looks at
// what a newcomer sees: when it is ready, what it says, what it leaves behind.
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
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) {
	code := m.Run()
	rig.Clean()
	os.Exit(code)
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

func start(t *testing.T, binary, state, port string) *program {
	t.Helper()
	ministack := os.Getenv("MINISTACK")
	if ministack == "" {
		ministack = filepath.Join(dynamotest.Root(), ".venv", "bin", "ministack")
	}
	p := &program{cmd: exec.Command(binary, "serve", "--state", state, "--ministack", ministack), output: &output{}, state: state, exited: make(chan error, 1)}
	p.cmd.Dir = dynamotest.Root()
	p.cmd.Env = append(os.Environ(), "PORT="+port)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	// A group of its own, so that what it leaves behind can be found.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

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
}

// ready waits for demo.json, which is there once everything is served.
func (p *program) ready(t *testing.T) demo {
	t.Helper()
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		body, err := os.ReadFile(filepath.Join(p.state, "demo.json"))
		var d demo
		if err == nil && json.Unmarshal(body, &d) == nil {
			return d
		}
		select {
		case err := <-p.exited:
			t.Fatalf("the program ended: %v\n%s", err, p.output)
		case <-deadline:
			t.Fatalf("not ready in 90 s:\n%s", p.output)
		case <-tick.C:
		}
	}
}

// interrupt is Ctrl-C.
func (p *program) interrupt(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		if err != nil {
			t.Errorf("it ended with %v:\n%s", err, p.output)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("it did not stop:\n%s", p.output)
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

// me says who a cookie belongs to.
func (d demo) me(t *testing.T, cookie string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, d.BaseURL+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
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

func TestRunTwiceKeepsTheData(t *testing.T) {
	binary, state, port := rig.Program(t), t.TempDir(), freePort(t)

	first := start(t, binary, state, port)
	before := first.ready(t)
	if got := before.chat(t, "demo", "hello"); !strings.Contains(got, `"content":"You said: hello"`) {
		t.Errorf("demo answers %s", got)
	}
	if got := before.chat(t, "empty", "hello"); !strings.Contains(got, "INSUFFICIENT_CREDITS") {
		t.Errorf("empty answers %s", got)
	}
	if got := before.me(t, before.Orgs["demo"].Session); !strings.Contains(got, `"email":"demo@example.com"`) {
		t.Errorf("demo's session is answered %s", got)
	}
	left := children(t, first.cmd.Process.Pid)
	if len(left) < 2 { // MiniStack and a function at least
		t.Fatalf("only %d processes run", len(left))
	}
	first.interrupt(t)
	for pid, name := range left {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%s (%d) is left behind", name, pid)
		}
	}
	if _, err := os.Stat(filepath.Join(state, "demo.json")); err == nil {
		t.Error("demo.json is left though nothing is served")
	}

	second := start(t, binary, state, port)
	after := second.ready(t)
	for name, org := range before.Orgs {
		// Each run begins a session; that of the run before lives on.
		for _, cookie := range []string{org.Session, after.Orgs[name].Session} {
			if got := after.me(t, cookie); !strings.Contains(got, org.ID) {
				t.Errorf("%s's session is answered %s", name, got)
			}
		}
		org.Session = after.Orgs[name].Session
		if after.Orgs[name] != org {
			t.Errorf("%s was %+v, is %+v", name, org, after.Orgs[name])
		}
	}
	if got := after.chat(t, "demo", "again"); !strings.Contains(got, `"ok":true`) {
		t.Errorf("demo answers %s", got)
	}
	second.interrupt(t)
}

func TestPortInUseIsSaidPlainly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := start(t, rig.Program(t), t.TempDir(), port)
	select {
	case err := <-p.exited:
		if err == nil || !strings.Contains(p.output.String(), port+" is in use") {
			t.Errorf("%v: %s", err, p.output)
		}
	case <-time.After(60 * time.Second):
		t.Fatalf("it did not end:\n%s", p.output)
	}
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

// children returns all descendants of a process, by id, with their names.
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
