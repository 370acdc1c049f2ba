// Command report runs `go test` and shows how far it is: a line for each package
// as it ends, a line every 15 seconds in which nothing else is printed, the
// output of failed tests alone, and the counts last.
//
//	go run ./tests/report [flags and packages of go test]
//
// What it prints is for a reader who waits; the results, and what the go command
// caches of them, are those of `go test -json` with the same arguments.
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

// test runs `go test` with arguments and reports its events. A failed test is no
// error.
func (r *report) test(args []string) error {
	// The go command has the same signals and ends its tests itself.
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

// line reports a line of `go test -json`. Some of its complaints are no JSON.
func (r *report) line(line string) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		r.print("%s", line)
		return
	}
	r.event(e)
}
