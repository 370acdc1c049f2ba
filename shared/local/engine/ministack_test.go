package engine

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/local/listen"
)

// fakeMiniStack returns options for a script in place of the ministack program.
func fakeMiniStack(t *testing.T, script string) MiniStackOptions {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ministack")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return MiniStackOptions{Command: path, StateDir: filepath.Join(t.TempDir(), "state")}
}

func TestMiniStack_FailsToStart(t *testing.T) {
	o := fakeMiniStack(t, "echo no module named ministack\nexit 7")
	_, err := StartMiniStack(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "exit status 7") || !strings.Contains(err.Error(), "no module named ministack") {
		t.Errorf(`got error %v, want "exit status 7" and "no module named ministack" in it`, err)
	}
	o.Command += "-not-installed"
	if _, err := StartMiniStack(t.Context(), o); err == nil || !strings.Contains(err.Error(), "start ministack") {
		t.Errorf(`got error %v, want "start ministack" in it`, err)
	}
}

// After a project was moved, the scripts of its environment name a Python that no longer
// exists.
func TestMiniStack_EnvironmentMoved(t *testing.T) {
	env := t.TempDir()
	bin := filepath.Join(env, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(env, "pyvenv.cfg"): "",
		filepath.Join(bin, "ministack"):  "#!/nowhere/bin/python3\n",
		filepath.Join(bin, "python3"):    "#!/bin/sh\necho python runs $*\nexit 7\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := filepath.Join(bin, "ministack")
	_, err := StartMiniStack(t.Context(), MiniStackOptions{Command: script})
	if err == nil || !strings.Contains(err.Error(), "python runs "+script) {
		t.Errorf(`got error %v, want "python runs %s" in it`, err, script)
	}
}

func TestMiniStack_StateDamaged(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "half": `{"payload": {`, "two": "{}{}", "zeros": "\x00\x00"} {
		o := fakeMiniStack(t, "echo it is started\nexit 7")
		if err := os.MkdirAll(o.StateDir, 0o755); err != nil {
			t.Fatal(err)
		}
		whole, damaged := filepath.Join(o.StateDir, "a.json"), filepath.Join(o.StateDir, "b.json")
		if err := os.WriteFile(whole, []byte(`{"payload": {}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(damaged, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := StartMiniStack(t.Context(), o)
		if !errors.Is(err, ErrStateDamaged) || !strings.Contains(err.Error(), damaged) {
			t.Errorf("%s: got error %v, want ErrStateDamaged with %q", name, err, damaged)
		}
	}
}

func TestMiniStack_PortInUse(t *testing.T) {
	l, err := listen.TCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = freeAddress("127.0.0.1", l.Addr().(*net.TCPAddr).Port)
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf(`got error %v, want "in use" in it`, err)
	}
}

func TestMiniStack_Environment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_SHELL", "x")
	o := MiniStackOptions{Host: "127.0.0.1", StateDir: t.TempDir()}
	env, err := o.environment("127.0.0.1:4567", "scratch")
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.Join(env, "\n") + "\n"
	for _, want := range []string{"GATEWAY_PORT=4567\n", "BIND_HOST=127.0.0.1\n", "PERSIST_STATE=1\n", "STATE_DIR=" + o.StateDir + "\n"} {
		if !strings.Contains(joined, want) {
			t.Errorf("got an environment without %s, want one with it", want)
		}
	}
	if strings.Contains(joined, "SECRET") {
		t.Error("got variables of the shell in the environment, want none")
	}
}
