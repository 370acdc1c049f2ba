package docs_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

var (
	selection = regexp.MustCompile(`-(?:run|skip) '([^']*\w[^']*)'`)
	group     = regexp.MustCompile(`^\^(\w*)\(([\w|]+)\)\$$`)
	testName  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// Every alternative of a pattern that selects or skips tests matches a test: a renamed test
// must not silently leave its tier, or join another.
func TestSelections_MatchTests(t *testing.T) {
	names := testNames(t)
	found := 0
	for _, file := range append(glob(t, "tests/*/run.sh"), "Makefile") {
		for _, m := range selection.FindAllStringSubmatch(read(t, file), -1) {
			for _, alternative := range alternatives(m[1]) {
				found++
				pattern := regexp.MustCompile(alternative)
				if !slices.ContainsFunc(names, pattern.MatchString) {
					t.Errorf("%s: got no test for %q of %q, want at least one", file, alternative, m[1])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("got %d alternatives, want at least 10", found)
	}
}

// alternatives returns the parts of a pattern of the form A|B or ^Prefix(A|B)$.
func alternatives(pattern string) []string {
	m := group.FindStringSubmatch(pattern)
	if m == nil {
		return strings.Split(pattern, "|")
	}
	all := strings.Split(m[2], "|")
	for i, name := range all {
		all[i] = "^" + m[1] + name + "$"
	}
	return all
}

func testNames(t *testing.T) []string {
	var names []string
	for _, file := range slices.Concat(glob(t, "tests/*/*_test.go"), glob(t, "shared/*/*_test.go")) {
		for _, m := range testName.FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// glob returns the files that match a pattern, from the repository's root.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dynamotest.Root(), pattern))
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range found {
		if found[i], err = filepath.Rel(dynamotest.Root(), file); err != nil {
			t.Fatal(err)
		}
	}
	return found
}
