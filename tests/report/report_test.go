package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/quintet-agents/quintet/"

func TestReport(t *testing.T) {
	const passing = `
{"Action":"start","Package":"PKG/tests/a"}
{"Action":"run","Package":"PKG/tests/a","Test":"TestOne"}
{"Action":"output","Package":"PKG/tests/a","Test":"TestOne","Output":"level=ERROR msg=\"wanted by the test\"\n"}
{"Action":"output","Package":"PKG/tests/a","Test":"TestOne","Output":"--- PASS: TestOne (0.00s)\n"}
{"Action":"pass","Package":"PKG/tests/a","Test":"TestOne"}
`
	for name, tc := range map[string]struct{ events, want string }{
		"a pass without its log": {
			passing + `{"Action":"pass","Package":"PKG/tests/a","Elapsed":12.4}`,
			"ok   tests/a                              12 s     1 passed\n1 passed, 0 failed in 0 s\n",
		},
		"a cached pass": {
			passing + `{"Action":"output","Package":"PKG/tests/a","Output":"ok  \tPKG/tests/a\t(cached)\n"}
{"Action":"pass","Package":"PKG/tests/a","Elapsed":0}`,
			"ok   tests/a                            cached     1 passed\n1 passed, 0 failed in 0 s\n",
		},
		"a package without tests": {
			`{"Action":"output","Package":"PKG/tests/b","Output":"?   \tPKG/tests/b\t[no test files]\n"}
{"Action":"skip","Package":"PKG/tests/b","Elapsed":0}`,
			"0 passed, 0 failed in 0 s\n",
		},
		"a failure with its log": {
			passing + `{"Action":"run","Package":"PKG/tests/a","Test":"TestTwo/case"}
{"Action":"output","Package":"PKG/tests/a","Test":"TestTwo/case","Output":"=== RUN   TestTwo/case\n"}
{"Action":"output","Package":"PKG/tests/a","Test":"TestTwo/case","Output":"    a_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"PKG/tests/a","Test":"TestTwo/case"}
{"Action":"fail","Package":"PKG/tests/a","Elapsed":3}`,
			`FAIL tests/a                               3 s     1 passed     1 failed
     --- FAIL: TestTwo/case
         a_test.go:7: got 1, want 2
     to repeat: go test -count=1 ./tests/a -run '^TestTwo$'
1 passed, 1 failed in 0 s
`,
		},
		"a panic, with the unfinished test": {
			`{"Action":"run","Package":"PKG/tests/a","Test":"TestTwo"}
{"Action":"output","Package":"PKG/tests/a","Test":"TestTwo","Output":"panic: no\n"}
{"Action":"output","Package":"PKG/tests/a","Output":"FAIL\tPKG/tests/a\t3s\n"}
{"Action":"fail","Package":"PKG/tests/a","Elapsed":3}`,
			`FAIL tests/a                               3 s     0 passed     1 failed
     --- unfinished: TestTwo
     panic: no
     FAIL	PKG/tests/a	3s
0 passed, 1 failed in 0 s
`,
		},
		"a package that does not compile": {
			`{"Action":"build-output","ImportPath":"PKG/tests/a.test","Output":"a.go:1: undefined: x\n"}
{"Action":"build-fail","ImportPath":"PKG/tests/a.test"}
{"Action":"output","Package":"PKG/tests/a","Output":"FAIL\tPKG/tests/a [build failed]\n"}
{"Action":"fail","Package":"PKG/tests/a","Elapsed":0,"FailedBuild":"PKG/tests/a.test"}`,
			`FAIL tests/a                               0 s     0 passed     1 failed
     a.go:1: undefined: x
     FAIL	PKG/tests/a [build failed]
0 passed, 1 failed in 0 s
`,
		},
		"a complaint of the go command's": {"go: no such tool\n", "go: no such tool\n0 passed, 0 failed in 0 s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := &report{out: &out, now: func() time.Time { return time.Time{} }}
			r.begin()
			for line := range strings.Lines(strings.ReplaceAll(strings.TrimLeft(tc.events, "\n"), "PKG/", module)) {
				r.line(line)
			}
			ok := r.sum()
			if want := strings.Contains(tc.want, " 0 failed"); ok != want {
				t.Errorf("got %t, want %t", ok, want)
			}
			if diff := cmp.Diff(strings.ReplaceAll(tc.want, "PKG/", module), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// While no package finishes, a line every 15 seconds names the running packages.
func TestReport_Beat(t *testing.T) {
	var out strings.Builder
	var now time.Time
	r := &report{out: &out, now: func() time.Time { return now }}
	r.begin()
	second := func(n int) {
		for range n {
			now = now.Add(time.Second)
			r.beat()
		}
	}
	second(15)
	r.event(event{Action: "start", Package: module + "tests/a"})
	second(1)
	r.event(event{Action: "run", Package: module + "tests/b", Test: "TestOne"})
	r.event(event{Action: "run", Package: module + "tests/b", Test: "TestOne/" + strings.Repeat("x", 80)})
	second(28)
	r.event(event{Action: "skip", Package: module + "tests/a"})
	second(1)
	want := `     15 s: 0 packages finished, the go command compiles
     30 s: 0 packages finished, running: tests/a, tests/b TestOne/` + strings.Repeat("x", 52) + `...
     45 s: 1 packages finished, running: tests/b TestOne/` + strings.Repeat("x", 52) + "...\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
