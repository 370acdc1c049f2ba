// Package peers_test tests the product with independent programs: each request of the vendors'
// pages, sent with the page's tool, stream readers in three languages, and receivers of webhooks.
package peers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

func TestPeers(t *testing.T) {
	r := rig.Start(t, 1000*ledger.Credit)
	// The streams take seconds, and run at the same time. They use another org, because the programs
	// compare balances, which the holds of other turns would change.
	own := *r
	own.Org = r.Table.Org(t, 1000*ledger.Credit)
	own.Key, _ = r.Table.Key(t, own.Org, "")
	own.Agent = r.Table.Agent(t, own.Org, "be brief")
	streams := record(t, &own)
	t.Run("pages", func(t *testing.T) {
		given := environment(t, r)
		for _, path := range programs(t, "pages") {
			t.Run(filepath.Base(path), func(t *testing.T) { run(t, given, path) })
		}
	})
	t.Run("readers", func(t *testing.T) { readersAgree(t, streams()) })
}

// environment returns the environment of a page's program.
func environment(t *testing.T, r *rig.Rig) []string {
	t.Helper()
	owner, empty := r.Users.User(t, r.Table, r.Org, identity.Owner), r.Table.Org(t, 0)
	bound, _ := r.Table.Key(t, r.Org, r.Agent.ID)
	broke, _ := r.Table.Key(t, empty, "")
	return []string{
		"BASE_URL=" + r.Runner.URL(), "KEY=" + r.Key, "BOUND_KEY=" + bound, "SESSION=af_session=" + r.Users.Session(t, owner), "ORG=" + r.Org,
		"AGENT=" + r.Agent.ID, "SLUG=" + r.Agent.Slug, "SECOND_AGENT=" + r.Table.Agent(t, r.Org, "be kind").ID,
		"EMPTY_KEY=" + broke, "EMPTY_AGENT=" + r.Table.Agent(t, empty, "be brief").ID,
	}
}

// programs returns the files of a folder. It reads them, so that Go's test cache depends on them.
func programs(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: got %d programs, %v, want some", folder, len(paths), err)
	}
	for _, path := range append(paths, "lib.sh", "steps.py", "steps.ts", "package-lock.json", "requirements.txt") {
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// run runs a program, which prints a line with ok or FAILED for each of its steps, and then the
// reason of a failure.
func run(t *testing.T, given []string, path string, arguments ...string) {
	t.Helper()
	command := append(interpreter(t, path), append([]string{path}, arguments...)...)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), append(given, "PYTHONDONTWRITEBYTECODE=1")...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	steps := parse(string(out))
	if err != nil && !slices.ContainsFunc(steps, func(s step) bool { return s.failed }) || len(steps) == 0 {
		t.Errorf("got %v after %d steps, want a failed step or none\n%s", err, len(steps), &complaint)
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			if s.failed {
				t.Errorf("\n%s%s", s.why, &complaint)
			}
		})
	}
}

// writeJSON writes the input of a program to a file.
func writeJSON(t *testing.T, name string, value any) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

type step struct {
	name, why string
	failed    bool
}

func parse(output string) []step {
	var steps []step
	for line := range strings.Lines(output) {
		verdict, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case verdict == "ok" || verdict == "FAILED":
			steps = append(steps, step{name: name, failed: verdict == "FAILED"})
		case len(steps) > 0:
			steps[len(steps)-1].why += line
		}
	}
	return steps
}

// interpreter returns the interpreter of a program. `make test` installs it unless it is common.
func interpreter(t *testing.T, path string) []string {
	t.Helper()
	switch filepath.Ext(path) {
	case ".sh":
		return []string{"bash"}
	case ".py":
		return []string{installed(t, dynamotest.Root(), ".venv-peers", "bin", "python3")}
	case ".ts":
		installed(t, "node_modules", "tsx")
		return []string{"node", "--import", "tsx"}
	}
	t.Fatalf("got %s, want a program with a known interpreter", path)
	return nil
}

func installed(t *testing.T, elements ...string) string {
	t.Helper()
	path := filepath.Join(elements...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(fmt.Errorf("these tests need programs of other authors: run `make test`, which installs them (%w)", err))
	}
	return path
}
