// Package logs writes the lines of many processes to one writer.
package logs

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Logger shares one writer between the runner and the output of every process.
type Logger struct {
	mu sync.Mutex
	w  io.Writer
}

// New returns a logger that writes to w; nil discards all lines.
func New(w io.Writer) *Logger {
	if w == nil {
		w = io.Discard
	}
	return &Logger{w: w}
}

// Printf writes one or more lines in a single write.
func (l *Logger) Printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format+"\n", args...)
}

const tailLines = 20

// Output receives the stdout and stderr of one process. It prefixes each line with the
// process's name, and keeps the last lines for the report of a crash.
type Output struct {
	Name string
	Log  *Logger

	mu      sync.Mutex
	partial []byte
	tail    []string
}

func (o *Output) Write(p []byte) (int, error) {
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

// Flush writes a last line without a newline.
func (o *Output) Flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.partial) > 0 {
		o.line(string(o.partial))
		o.partial = nil
	}
}

func (o *Output) line(text string) {
	text = strings.TrimSuffix(text, "\r")
	o.Log.Printf("%s | %s", o.Name, text)
	if len(o.tail) == tailLines {
		o.tail = append(o.tail[:0], o.tail[1:]...)
	}
	o.tail = append(o.tail, text)
}

// Last returns the last lines, indented, or a note that there were none.
func (o *Output) Last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.tail) == 0 {
		return "It wrote nothing."
	}
	return "Its last lines:\n    " + strings.Join(o.tail, "\n    ")
}
