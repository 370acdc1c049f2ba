// Command report runs `go test` and shows its progress: a line for each package that
// finishes, a line after every 15 seconds without one, the output of failed tests only, and
// the counts last.
//
//	go run ./tests/report [flags and packages of go test]
//
// Only the output differs from `go test -json` with the same arguments: the results, and the
// go command's cache of them, are the same.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	r := &report{out: os.Stdout, now: time.Now}
	if err := r.test(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if !r.sum() {
		os.Exit(1)
	}
}

// test runs `go test` with arguments and reports its events. It returns no error for a failed
// test.
func (r *report) test(args []string) error {
	// The go command gets the same signals and stops its tests itself.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...) //nolint:gosec // the arguments are the user's own
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	r.begin()
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := make(chan string, 1000)
	go read(stdout, lines)
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	for open := true; open; {
		var line string
		select {
		case line, open = <-lines:
			if open {
				r.line(line)
			}
		case <-beat.C:
			r.beat()
		}
	}
	if err := cmd.Wait(); err != nil && r.failed == 0 {
		r.failed++ // the go command has printed the reason
	}
	return nil
}

func read(from io.Reader, lines chan<- string) {
	defer close(lines)
	for buffered := bufio.NewReader(from); ; {
		line, err := buffered.ReadString('\n')
		if line != "" {
			lines <- line
		}
		if err != nil {
			return
		}
	}
}

// line reports a line of `go test -json`. Errors of the go command itself are not JSON.
func (r *report) line(line string) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		r.print("%s", line)
		return
	}
	r.event(e)
}
