package run_test

import (
	"strings"
	"syscall"
	"testing"
)

// When the local AWS stops, in any way, the program reports that and stops. The next run has the saved
// data.
func TestEngine_Stops(t *testing.T) {
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
			first.refused(t, "the local AWS (MiniStack) has exited", "`make run` starts it again", test.how)
			first.notServed(t)
			if lines := strings.Count(first.output.String(), "has exited"); lines != 1 {
				t.Errorf("got %d lines about it, want one:\n%s", lines, first.output)
			}

			second := start(t, state, port)
			after := second.ready(t)
			if got := after.Orgs["demo"].ID == before.Orgs["demo"].ID; got != test.kept {
				t.Errorf("the same demo org: got %t, want %t", got, test.kept)
			}
			if got := after.chat(t, "demo", "hello"); !strings.Contains(got, "You said: hello") {
				t.Errorf("got %s from demo, want an answer", got)
			}
			second.interrupt(t)
		})
	}
}

// engine returns the process id of the program's MiniStack.
func engine(t *testing.T, p *program) int {
	t.Helper()
	for pid, name := range children(t, p.cmd.Process.Pid) {
		if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "ministack") {
			return pid
		}
	}
	t.Fatal("got no MiniStack process, want one")
	return 0
}
