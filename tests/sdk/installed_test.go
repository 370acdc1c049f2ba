package sdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// installs matches the README's command that installs the client under the name that AgentFlow's
// page imports.
var installs = regexp.MustCompile(`(?m)^ +npm install (@agentflow/sdk@file:)<the clone>(/shared/sdk/typescript)$`)

// installed runs the example in a new project with the installed client. Only the base URL, the
// key and the agent are this deployment's.
func installed(t *testing.T, client string) {
	root, project := dynamotest.Root(), t.TempDir()
	readme, err := os.ReadFile(filepath.Join(client, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := installs.FindSubmatch(readme)
	if named == nil {
		t.Fatalf("got no match of %s in the client's README, want one", installs)
	}
	tsx := filepath.Join(root, "tests/peers/node_modules/tsx/dist/loader.mjs")
	if _, err := os.Stat(tsx); err != nil {
		t.Fatalf("this test needs tsx: run `make test`, which installs it (%v)", err)
	}
	for _, name := range []string{"agentflow.ts", "settings.ts"} {
		program, err := os.ReadFile(filepath.Join(root, "shared/docs/examples", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(project, name), program)
	}
	write(t, filepath.Join(project, "package.json"), []byte(`{"private": true, "type": "module"}`))
	r := rig.Start(t, 1000*ledger.Credit)
	run := func(name string, arguments ...string) string {
		cmd := exec.CommandContext(t.Context(), name, arguments...)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "BASE_URL="+r.Runner.URL(), "API_KEY="+r.Key, "AGENT="+r.Agent.Slug)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: got %v, want success\n%s", name, arguments, err, out)
		}
		return string(out)
	}
	// The client's dependency is already in its folder, so nothing is downloaded.
	run("npm", "install", "--offline", "--no-audit", "--no-fund", string(named[1])+root+string(named[2]))
	want := regexp.MustCompile(`^You said: Which way does the ferry go\? \(\d+\.\d{3} left\)
You said: And back\? \(\d+\.\d{3} left\)
$`)
	if got := run("node", "--import", tsx, "agentflow.ts"); !want.MatchString(got) {
		t.Errorf("got %q, want %s", got, want)
	}
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
