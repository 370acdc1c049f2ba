package logs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestBounded_Limit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	b, err := OpenBounded(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if _, err := b.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(path, want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: got %q (%v), want %q", filepath.Base(path), got, err, want)
		}
	}
	write("one\n")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("write after Close: got %v, want %v", err, fs.ErrClosed)
	}
	if b, err = OpenBounded(path, 10); err != nil {
		t.Fatal(err)
	}
	write("two\n")
	check(path, "one\ntwo\n")
	write("three\n")
	check(path, "three\n")
	check(path+".1", "one\ntwo\n")
	write("a line that is longer than the limit\n")
	check(path, "a line that is longer than the limit\n")
	check(path+".1", "three\n")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
