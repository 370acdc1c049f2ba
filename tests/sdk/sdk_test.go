// Package sdk_test type-checks and builds the TypeScript client, runs its tests in Node, and
// installs it like a user. The tier test-sdk also tests the packed client and browsers.
package sdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/tests/inputs"
)

func TestClient_Node(t *testing.T) {
	client := filepath.Join(dynamotest.Root(), "shared", "sdk", "typescript")
	if _, err := os.Stat(filepath.Join(client, "node_modules", "vitest", "package.json")); err != nil {
		t.Fatalf("these tests need the client's tools: run `make test`, which installs them (%v)", err)
	}
	if err := inputs.Program("./shared/cmd/local"); err != nil { // the client's tests run it
		t.Fatal(err)
	}
	read(t, client)
	for _, step := range []string{"types", "build"} {
		t.Run(step, func(t *testing.T) {
			if out, err := npm(t, client, step); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Run("installed", func(t *testing.T) { installed(t, client) })
	out, err := npm(t, client, "test:node")
	results := parse(out)
	for _, r := range results {
		t.Run(r.name, func(t *testing.T) {
			if r.failed {
				t.Error(r.why)
			}
		})
	}
	failed := slices.ContainsFunc(results, func(r result) bool { return r.failed })
	if len(results) == 0 || err != nil && !failed {
		t.Errorf("got %d results and %v, want at least one\n%s", len(results), err, out)
	}
}

// read reads the client's own files only: its folder also has files that tools install and
// build.
func read(t *testing.T, client string) {
	t.Helper()
	for _, name := range []string{"package.json", "package-lock.json", "tsconfig.json", "tsdown.config.ts", "vitest.config.ts", "generate.mjs", "README.md", "../../api/openapi/document.json"} {
		if _, err := os.ReadFile(filepath.Join(client, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"src", "test"} {
		if err := inputs.Files(filepath.Join(client, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func npm(t *testing.T, client, script string) (string, error) {
	t.Helper()
	cmd := inputs.AtRoot(exec.CommandContext(t.Context(), "npm", "run", "--silent", "--prefix", client, script))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// result is a test of the client, as its reporter prints it.
type result struct {
	name, why string
	failed    bool
}

func parse(output string) []result {
	var results []result
	for line := range strings.Lines(output) {
		verdict, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch failed := verdict == "--- FAIL"; {
		case failed || verdict == "--- PASS":
			if took := strings.LastIndex(rest, " ("); took > 0 {
				rest = rest[:took]
			}
			results = append(results, result{name: rest, failed: failed})
		case len(results) > 0:
			results[len(results)-1].why += line
		}
	}
	return results
}
