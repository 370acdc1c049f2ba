package logs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// Bounded is a log file of limited size. A full file is renamed to NAME.1, which replaces
// an older NAME.1, and a new file begins. Both together have at most twice the limit.
type Bounded struct {
	path  string
	limit int64

	mu   sync.Mutex
	file *os.File
	size int64
}

// OpenBounded opens the log file at path for appending; limit is in bytes.
func OpenBounded(path string, limit int64) (*Bounded, error) {
	b := &Bounded{path: path, limit: limit}
	return b, b.open()
}

func (b *Bounded) open() error {
	file, err := os.OpenFile(b.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	b.file, b.size = file, info.Size()
	return nil
}

// Write appends p, to a new file if the current one would exceed the limit.
func (b *Bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return 0, fs.ErrClosed
	}
	if b.size > 0 && b.size+int64(len(p)) > b.limit {
		if err := b.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := b.file.Write(p)
	b.size += int64(n)
	return n, err
}

func (b *Bounded) rotate() error {
	err := b.file.Close()
	b.file = nil
	if err := errors.Join(err, os.Rename(b.path, b.path+".1")); err != nil {
		return err
	}
	return b.open()
}

// Close closes the file. Later writes fail.
func (b *Bounded) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}
