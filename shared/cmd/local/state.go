package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is the folder that keeps the data of `make run`, while it is ours
// alone: two programs on the same data would each save over the other's.
type state struct {
	dir  string
	lock *os.File
}

// errServed is why a folder cannot be had.
var errServed = errors.New("a `make run` serves from it")

// openState makes the folder if need be and takes it. The lock ends with the
// last process that has it open, however it ends.
func openState(dir string) (state, error) {
	restrictUmask()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return state{}, err
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder, the owner's
		return state{}, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return state{}, err
	}
	if err := tryLock(lock); err != nil {
		_ = lock.Close()
		return state{}, err
	}
	s := state{dir: dir, lock: lock}
	if err := s.restrict(); err != nil {
		s.close()
		return state{}, err
	}
	return s, nil
}

// restrict takes the data away from other users of this machine, also those of
// a run before: keys, passwords and sessions are among them. What is written
// from now on is for nobody else by the umask.
func (s state) restrict() error {
	for _, root := range []string{s.aws(), string(s.demo()), s.demo().kept(), s.access(), s.access() + ".1"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch {
			case entry.IsDir():
				return os.Chmod(path, 0o700) //nolint:gosec // a folder, the owner's
			case entry.Type().IsRegular():
				return os.Chmod(path, 0o600) //nolint:gosec // the folder is the owner's
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep %s from other users: %w", root, err)
		}
	}
	return nil
}

func (s state) close() { _ = s.lock.Close() }

// aws is where MiniStack keeps its data.
func (s state) aws() string { return filepath.Join(s.dir, "aws") }

// access is the log with one line per request.
func (s state) access() string { return filepath.Join(s.dir, "access.log") }

func (s state) demo() demoFile { return demoFile(filepath.Join(s.dir, "demo.json")) }

// reset forgets all data.
func reset(dir string) error {
	s, err := openState(dir)
	if errors.Is(err, errServed) {
		return fmt.Errorf("nothing is reset: stop `make run` first (`lsof %s` names it)", filepath.Join(dir, "lock"))
	}
	if err != nil {
		return err
	}
	defer s.close()
	for _, path := range []string{s.aws(), string(s.demo()), s.demo().kept(), s.access(), s.access() + ".1"} {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes a demo.json away that a killed program has left, so that
// nobody takes it for a sign of life while the next one is built.
func withdraw(dir string) error {
	s, err := openState(dir)
	if errors.Is(err, errServed) {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.close()
	return s.demo().withdraw()
}
