package lambda

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/local/localtest"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// An invocation that ends exactly at its deadline keeps its answer, and the process that
// is killed receives no other invocation.
func TestTimeout_EndsAtTheDeadline(t *testing.T) {
	c := localtest.NewControl(t)
	p := startPool(t, c, "slow")
	answers := make(chan string, 1)
	ask := func() {
		answer, err := ReadAll(p.Invoke(t.Context(), []byte("{}")))
		if err != nil {
			t.Error(err)
		}
		answers <- string(answer)
	}
	go ask()
	c.Await(t, "begun")
	proc, inv := onlyProcess(t, p)
	if !proc.doom(inv) { // the timer fires ...
		t.Fatal("got an invocation that is not running, want it running")
	}
	c.Release(t, "end") // ... when the function has just finished
	go ask()
	c.Await(t, "begun") // in another process
	c.Release(t, "end")
	if got := <-answers; !strings.Contains(got, `"body":"slow"`) {
		t.Errorf("got %q for the next request, want body slow", got)
	}
	proc.kill(inv.timedOut(proc.function.Timeout))
	if got := <-answers; !strings.Contains(got, `"body":"slow"`) {
		t.Errorf("got %q for the request that ended at its deadline, want body slow", got)
	}
	if next, other := onlyProcess(t, p); next == proc || other != nil || next.doom(inv) {
		t.Error("got the process of the next invocation killed by the timer of the last, want it alive")
	}
}

// onlyProcess returns a pool's only process and its current invocation.
func onlyProcess(t *testing.T, p *Pool) (*process, *invocation) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.all) != 1 {
		t.Fatalf("got %d processes alive, want 1", len(p.all))
	}
	for proc := range p.all {
		proc.mu.Lock()
		defer proc.mu.Unlock()
		return proc, proc.inv
	}
	return nil, nil
}

func TestPool_IdleProcess(t *testing.T) {
	p := startPool(t, localtest.NewControl(t), "worker")
	if _, err := ReadAll(p.Invoke(t.Context(), []byte("{}"))); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	proc := p.idle[0]
	p.mu.Unlock()
	proc.retireAfter(0)
	select {
	case <-proc.gone:
	case <-time.After(localtest.Patience):
		t.Fatal("the idle process is still there")
	}
	if !proc.retired {
		t.Error("got a crash, want a process that was retired")
	}
}

// startPool returns a pool for one of the test binary's functions.
func startPool(t *testing.T, c *localtest.Control, name string) *Pool {
	t.Helper()
	function := sam.Function{Name: name, Timeout: localtest.Patience}
	command := func() *exec.Cmd { return exec.Command(os.Args[0]) }
	p := NewPool(function, command, map[string]string{"CONTROL": c.Base}, 0, logs.New(nil))
	t.Cleanup(p.Close)
	return p
}
