package run_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Only the user can read the data, which have secrets: those of an earlier run too, and with any umask.
func TestData_Private(t *testing.T) {
	state := t.TempDir()
	old := filepath.Join(state, "aws", "old")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(old, "secret"), filepath.Join(state, "demo.json.kept")} {
		if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, state, freePort(t), func(cmd *exec.Cmd) {
		cmd.Args = append([]string{"sh", "-c", `umask 000; exec "$0" "$@"`}, cmd.Args...)
		cmd.Path = "/bin/sh"
	})
	p.ready(t)
	private(t, state)
	p.interrupt(t)
	private(t, state)
	if _, err := os.Stat(filepath.Join(state, "aws", "dynamodb.json")); err != nil {
		t.Error(err)
	}
}

func private(t *testing.T, state string) {
	t.Helper()
	err := filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
