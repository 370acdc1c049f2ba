package local

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// logger shares one writer between the runner and the output of every process.
type logger struct {
	mu sync.Mutex
	w  io.Writer
}

func newLogger(w io.Writer) *logger {
	if w == nil {
		w = io.Discard
	}
	return &logger{w: w}
}

// printf writes one line, or several, in a single piece.
func (l *logger) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format+"\n", args...)
}

const tailLines = 20

// output is the stdout and stderr of one process. It prefixes each line with
// the process's name and remembers the last ones, for the day it crashes.
type output struct {
	name string
	log  *logger

	mu      sync.Mutex
	partial []byte
	tail    []string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, p...)
	for {
		line, rest, found := bytes.Cut(o.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		o.line(string(line))
		o.partial = rest
	}
}

// flush writes what the process left without a newline.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.partial) > 0 {
		o.line(string(o.partial))
		o.partial = nil
	}
}

func (o *output) line(text string) {
	text = strings.TrimSuffix(text, "\r")
	o.log.printf("%s | %s", o.name, text)
	if len(o.tail) == tailLines {
		o.tail = append(o.tail[:0], o.tail[1:]...)
	}
	o.tail = append(o.tail, text)
}

// last returns the last lines, indented, or a remark that there were none.
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.tail) == 0 {
		return "It wrote nothing."
	}
	return "Its last lines:\n    " + strings.Join(o.tail, "\n    ")
}
