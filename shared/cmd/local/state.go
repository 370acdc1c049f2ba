package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is the folder with the data of `make run`, with a lock: two programs on the
// same data would overwrite each other's.
type state struct {
	dir  string
	lock *os.File
}

// errServed is the error for a folder that another program has locked.
var errServed = errors.New("a `make run` serves from it")

// openState creates the folder if necessary and locks it. The lock ends when the last
// process that has it open exits, even after a crash.
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

// restrict makes the existing data, which include keys, passwords and sessions,
// unreadable for other users of this machine. The umask does that for new files.
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

// aws returns the folder of MiniStack's data.
func (s state) aws() string { return filepath.Join(s.dir, "aws") }

// access returns the path of the access log.
func (s state) access() string { return filepath.Join(s.dir, "access.log") }

func (s state) demo() demoFile { return demoFile(filepath.Join(s.dir, "demo.json")) }

// reset deletes all data.
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

// withdraw removes a demo.json that a killed program left. Otherwise scripts would
// think that the product is ready while the next one is being built.
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
