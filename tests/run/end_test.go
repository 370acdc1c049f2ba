package run_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A closed terminal stops the program like Ctrl-C.
func TestStop_HangUp(t *testing.T) {
	p := start(t, t.TempDir(), freePort(t))
	p.ready(t)
	p.end(t, syscall.SIGHUP)
	p.notServed(t)
}

// In `make run | tee log`, Ctrl-C stops tee too, perhaps first.
func TestStop_OutputReaderFirst(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, t.TempDir(), freePort(t), func(cmd *exec.Cmd) { cmd.Stdout = w })
	_ = w.Close()
	p.ready(t)
	_ = r.Close()
	p.interrupt(t)
	p.notServed(t)
}

// Ctrl-C is not a failure, even at the start.
func TestStop_WhileStarting(t *testing.T) {
	p := start(t, t.TempDir(), freePort(t))
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(p.output.String(), "starting a local AWS") {
		select {
		case <-deadline:
			t.Fatalf("got no output in time, want a start:\n%s", p.output)
		case <-tick.C:
		}
	}
	p.interrupt(t)
	if got := p.output.String(); strings.Count(got, "\n") != 1 {
		t.Errorf("got more than one line, want one:\n%s", got)
	}
}
