package run_test

import (
	"strings"
	"syscall"
	"testing"
)

// When the local AWS ends, however it ends, the program says so and ends. The
// next one has the data that were saved.
func TestEngineEnds(t *testing.T) {
	for name, test := range map[string]struct {
		signal syscall.Signal
		how    string
		kept   bool // it saves its data
	}{
		"killed":     {syscall.SIGKILL, "signal: killed", false},
		"terminated": {syscall.SIGTERM, "exit status", true},
	} {
		t.Run(name, func(t *testing.T) {
			state, port := t.TempDir(), freePort(t)
			first := start(t, state, port)
			before := first.ready(t)
			if err := syscall.Kill(engine(t, first), test.signal); err != nil {
				t.Fatal(err)
			}
			first.refused(t, "the local AWS (MiniStack) has ended by itself", "`make run` starts it again", test.how)
			first.notServed(t)
			if lines := strings.Count(first.output.String(), "has ended by itself"); lines != 1 {
				t.Errorf("got %d lines that say so, want one:\n%s", lines, first.output)
			}

			second := start(t, state, port)
			after := second.ready(t)
			if got := after.Orgs["demo"].ID == before.Orgs["demo"].ID; got != test.kept {
				t.Errorf("the demo org is the same: got %t, want %t", got, test.kept)
			}
			if got := after.chat(t, "demo", "hello"); !strings.Contains(got, "You said: hello") {
				t.Errorf("demo answers %s", got)
			}
			second.interrupt(t)
		})
	}
}

// engine returns the id of the program's MiniStack.
func engine(t *testing.T, p *program) int {
	t.Helper()
	for pid, name := range children(t, p.cmd.Process.Pid) {
		if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "ministack") {
			return pid
		}
	}
	t.Fatal("there is no MiniStack")
	return 0
}
