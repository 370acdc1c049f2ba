package run_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two programs on the same data would overwrite each other's. The second is refused, and the first is
// not disturbed.
func TestLock_SecondProgramRefused(t *testing.T) {
	state := t.TempDir()
	first := start(t, state, freePort(t))
	d := first.ready(t)

	start(t, state, freePort(t)).refused(t, state, "one clone serves once")
	_, port, _ := strings.Cut(strings.TrimPrefix(d.BaseURL, "http://"), ":")
	start(t, state, port).refused(t, "one clone serves once")
	if out, err := local(t, "reset", "--state", state).CombinedOutput(); err == nil || !strings.Contains(string(out), "stop `make run` first") {
		t.Errorf("reset: got %v: %s, want a refusal", err, out)
	}
	if out, err := local(t, "withdraw", "--state", state).CombinedOutput(); err != nil {
		t.Errorf("withdraw: got %v: %s, want success", err, out)
	}
	if _, err := os.Stat(first.demoFile()); err != nil {
		t.Errorf("got %v, want the first program's demo.json", err)
	}
	if got := d.chat(t, "demo", "still there?"); !strings.Contains(got, `"ok":true`) {
		t.Errorf("got %s from demo, want an answer", got)
	}
	first.interrupt(t)

	if out, err := local(t, "reset", "--state", state).CombinedOutput(); err != nil {
		t.Errorf("reset: got %v: %s, want success", err, out)
	}
	left, err := filepath.Glob(filepath.Join(state, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "lock" {
		t.Errorf("got %s after reset (%v), want only the lock", left, err)
	}
}

// Files of a killed program do not block the next one, and MiniStack saves its data before another program
// may use them.
func TestLock_KilledProgram(t *testing.T) {
	state := t.TempDir()
	slow, goOn := slowMiniStack(t)
	p := start(t, state, freePort(t), func(cmd *exec.Cmd) { cmd.Args[len(cmd.Args)-1] = slow })
	p.ready(t)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	start(t, state, freePort(t)).refused(t, "one clone serves once")
	goOn()

	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if out, err := local(t, "withdraw", "--state", state).CombinedOutput(); err != nil {
			t.Fatalf("withdraw: got %v: %s, want success", err, out)
		}
		if _, err := os.Stat(p.demoFile()); err != nil {
			break
		}
		select {
		case <-deadline:
			t.Fatal("got a demo.json after the program was killed, want none")
		case <-tick.C:
		}
	}
	if _, err := os.Stat(filepath.Join(state, "aws", "dynamodb.json")); err != nil {
		t.Errorf("got a free folder without saved data, want MiniStack to save first: %v", err)
	}
}

// slowMiniStack returns a MiniStack that does not save its data until goOn is called.
func slowMiniStack(t *testing.T) (command string, goOn func()) {
	t.Helper()
	dir := t.TempDir()
	command = filepath.Join(dir, "ministack")
	goOn = func() {
		if err := os.WriteFile(filepath.Join(dir, "gate"), nil, 0o600); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(goOn)
	script := fmt.Sprintf(`#!/bin/sh
trap 'while [ -d %[2]s ] && [ ! -e %[2]s/gate ]; do sleep 0.05; done; kill $child; wait $child' TERM
%[1]s &
child=$!
wait $child
`, ministack(t), dir)
	if err := os.WriteFile(command, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return command, goOn
}
