package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The folders of shared, each with everything below it, import each other in one direction.
// Go refuses a circle of packages, and not one that passes through two packages of a folder.
func TestImports_FoldersWithoutCircle(t *testing.T) {
	imports := map[string][]string{}
	for from, all := range packages(t) {
		if strings.HasSuffix(from, "test") || strings.HasPrefix(from, "tests/") {
			continue
		}
		for _, to := range all {
			if own, ok := strings.CutPrefix(to, module); ok && roomOf(own) != roomOf(from) {
				imports[roomOf(from)] = append(imports[roomOf(from)], roomOf(own))
			}
		}
	}
	if len(imports) < 15 {
		t.Errorf("got %d folders with imports, want at least 15: %v", len(imports), imports)
	}
	if got := circle(imports); got != nil {
		t.Errorf("got the circle %s, want none", strings.Join(got, " -> "))
	}
}

// roomOf returns the folder of shared that a package is in, or functions for all functions.
func roomOf(name string) string {
	parts := strings.Split(name, "/")
	if parts[0] == "shared" {
		return strings.Join(parts[:2], "/")
	}
	return parts[0]
}

func TestCircle(t *testing.T) {
	for name, c := range map[string]struct {
		imports map[string][]string
		want    []string
	}{
		"a chain":            {map[string][]string{"a": {"b"}, "b": {"c"}}, nil},
		"two ways to one":    {map[string][]string{"a": {"b", "c"}, "b": {"d"}, "c": {"d"}}, nil},
		"of two":             {map[string][]string{"a": {"b"}, "b": {"a"}}, []string{"a", "b", "a"}},
		"behind the first":   {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, []string{"b", "c", "d", "b"}},
		"behind a dead end":  {map[string][]string{"a": {"b", "c"}, "c": {"a"}}, []string{"a", "c", "a"}},
		"in a separate part": {map[string][]string{"a": {"b"}, "c": {"d"}, "d": {"c"}}, []string{"c", "d", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, circle(c.imports)); d != "" {
				t.Errorf("circle (-want +got):\n%s", d)
			}
		})
	}
}

// circle returns the names of a circle, the first one again as the last, or nil.
func circle(imports map[string][]string) []string {
	done := map[string]bool{}
	var path []string
	var visit func(name string) []string
	visit = func(name string) []string {
		if i := slices.Index(path, name); i >= 0 {
			return append(slices.Clone(path[i:]), name)
		}
		if done[name] {
			return nil
		}
		path = append(path, name)
		for _, to := range imports[name] {
			if found := visit(to); found != nil {
				return found
			}
		}
		path = path[:len(path)-1]
		done[name] = true
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		if found := visit(name); found != nil {
			return found
		}
	}
	return nil
}
