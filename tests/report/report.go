package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // the package of a build
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

const (
	// quiet is the longest time without a line.
	quiet = 15 * time.Second

	// first and last are the numbers of lines of a failed test's output that are printed.
	first, last = 30, 70

	// longest is the largest number of bytes of such a line.
	longest = 1000

	// named is the largest number of running packages in a line.
	named = 4

	// width is the largest number of characters of a running test's name.
	width = 60
)

// report counts the results of tests and prints them as they arrive.
type report struct {
	out     io.Writer
	now     func() time.Time
	began   time.Time
	printed time.Time // the time of the last line

	passed, failed, packages int

	running map[string]*running
	builds  map[string][]string // output of the compiler, by import path
}

// running is a package whose tests are running.
type running struct {
	began  time.Time
	passed int
	cached bool
	output map[string][]string  // by test; "" is the package itself
	open   map[string]time.Time // running tests, with their start
	failed []string             // tests, in the order of their failure
}

func (r *report) begin() {
	r.began = r.now()
	r.printed = r.began
	r.running, r.builds = map[string]*running{}, map[string][]string{}
}

func (r *report) print(format string, args ...any) {
	r.printed = r.now()
	line := fmt.Sprintf(format, args...)
	if !strings.HasSuffix(line, "\n") {
		line += "\n"
	}
	_, _ = io.WriteString(r.out, line)
}

// beat prints the running packages after a while without a line.
func (r *report) beat() {
	if r.now().Sub(r.printed) < quiet {
		return
	}
	r.print("     %d s: %d packages finished, %s", r.seconds(r.began), r.packages, r.what())
}

// what names the packages that have run longest, each with one of its running tests.
func (r *report) what() string {
	if len(r.running) == 0 {
		return "the go command compiles"
	}
	names := slices.SortedFunc(maps.Keys(r.running), func(a, b string) int {
		return r.running[a].began.Compare(r.running[b].began)
	})
	var all []string
	for _, name := range names[:min(named, len(names))] {
		text := short(name)
		if test := r.running[name].longest(); test != "" {
			text += " " + clip(test)
		}
		all = append(all, text)
	}
	if more := len(names) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("%d more", more))
	}
	return "running: " + strings.Join(all, ", ")
}

// longest returns the test that has run longest, and prefers a subtest to its parent.
func (p *running) longest() string {
	var longest string
	for _, test := range slices.Sorted(maps.Keys(p.open)) {
		if longest == "" || strings.HasPrefix(test, longest+"/") || p.open[test].Before(p.open[longest]) {
			longest = test
		}
	}
	return longest
}

func (r *report) event(e event) {
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
		return
	case "build-fail", "":
		return
	}
	p := r.running[e.Package]
	if p == nil {
		p = &running{began: r.now(), output: map[string][]string{}, open: map[string]time.Time{}}
		r.running[e.Package] = p
	}
	switch e.Action {
	case "run":
		p.open[e.Test] = r.now()
	case "output":
		p.cached = p.cached || e.Test == "" && strings.Contains(e.Output, "\t(cached)")
		p.output[e.Test] = append(p.output[e.Test], e.Output)
	case "pass", "skip", "fail":
		if e.Test == "" {
			r.end(e, p)
			return
		}
		delete(p.open, e.Test)
		switch e.Action {
		case "pass":
			p.passed++
			delete(p.output, e.Test)
		case "fail":
			p.failed = append(p.failed, e.Test)
		}
	}
}

// end reports a package that has finished.
func (r *report) end(e event, p *running) {
	delete(r.running, e.Package)
	r.packages++
	r.passed += p.passed
	r.failed += len(p.failed)
	switch {
	case e.Action == "fail":
		r.fail(e, p)
	case e.Action == "skip" || p.passed == 0: // a package without tests
	case p.cached:
		r.print("ok   %-34s cached %5d passed", short(e.Package), p.passed)
	default:
		r.print("ok   %-34s %4.0f s %5d passed", short(e.Package), e.Elapsed, p.passed)
	}
}

// fail prints the output of failed tests, of unfinished tests and of the package itself, and
// the command that repeats them.
func (r *report) fail(e event, p *running) {
	if len(p.failed) == 0 {
		r.failed++ // the build failed, or the package panicked
	}
	r.print("FAIL %-34s %4.0f s %5d passed %5d failed", short(e.Package), e.Elapsed, p.passed, max(1, len(p.failed)))
	for _, line := range r.builds[e.FailedBuild] {
		r.print("     %s", line)
	}
	for _, test := range p.failed {
		r.told("--- FAIL: "+test, p.output[test])
	}
	for _, test := range slices.Sorted(maps.Keys(p.open)) {
		r.told("--- unfinished: "+test, p.output[test])
	}
	if len(p.failed) == 0 || len(p.open) > 0 {
		r.told("", p.output[""])
	}
	if len(p.failed) > 0 {
		top, _, _ := strings.Cut(p.failed[0], "/")
		r.print("     to repeat: go test -count=1 ./%s -run '^%s$'", short(e.Package), top)
	}
}

// told prints the beginning and the end of an output.
func (r *report) told(title string, output []string) {
	if title != "" {
		r.print("     %s", title)
	}
	output = slices.DeleteFunc(output, func(line string) bool {
		text := strings.TrimSpace(line)
		return text == "" || strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- FAIL")
	})
	for i, line := range output {
		left := len(output) - first - last
		switch {
		case i == first && left > 0:
			r.print("     ... %d lines left out", left)
		case i < first || i >= first+left:
			r.print("     %s", line[:min(len(line), longest)])
		}
	}
}

// sum prints the counts and reports whether all tests passed.
func (r *report) sum() bool {
	r.print("%d passed, %d failed in %d s", r.passed, r.failed, r.seconds(r.began))
	return r.failed == 0
}

func (r *report) seconds(since time.Time) int {
	return int(r.now().Sub(since).Round(time.Second).Seconds())
}

func clip(name string) string {
	if runes := []rune(name); len(runes) > width {
		return string(runes[:width]) + "..."
	}
	return name
}

// short returns a package's path inside the project.
func short(path string) string {
	_, rest, ok := strings.Cut(path, "/quintet/")
	if !ok {
		return path
	}
	return rest
}
